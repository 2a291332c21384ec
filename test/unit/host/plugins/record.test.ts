import '../commands/runtime.ts';
import { type CommandClass, commandFinished, definePlugin, Option, on, RigCommand, value } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { allHelp, usageLine } from '../../../../host/src/plugins/help-text.ts';
import { recordCommand, recordManifest } from '../../../../host/src/plugins/record.ts';

class Send extends RigCommand<null> {
  static override paths = [['send'], ['post', 'parcel']];
  static override usage = RigCommand.Usage({
    description: 'Send\n  a parcel',
    details: `
      One paragraph
      on two lines.

      Another.
    `,
    examples: [['Send a book', '$0 send book']],
  });
  static override result = value<null>(() => []);
  state = Option.String('-s,--state-dir', { description: 'Where', required: true });
  fast = Option.Boolean('--fast', false);
  secret = Option.Boolean('--secret', false, { hidden: true });
  what = Option.String({ name: 'WHAT' });
  more = Option.Rest({ name: 'MORE' });
  run() {
    return null;
  }
}
const send = recordCommand(Send as unknown as CommandClass);

describe('recordCommand', () => {
  test('has what help shows, and nothing hidden', () => {
    expect(send).toEqual({
      paths: [['send'], ['post', 'parcel']],
      description: 'Send a parcel',
      details: 'One paragraph on two lines.\n\nAnother.',
      examples: [['Send a book', '$0 send book']],
      arguments: [
        { name: 'WHAT', required: true },
        { name: 'MORE', required: false, rest: true },
      ],
      options: [
        { names: ['-s', '--state-dir'], description: 'Where', value: 'DIR', required: true },
        { names: ['--fast'] },
      ],
      result: 'value',
    });
  });

  test.each([
    ['paths', class NoPaths extends Send {}, { paths: [] }],
    ['result', class NoResult extends Send {}, { result: undefined }],
  ])('a class without %s is told by its name', (what, base, without) => {
    const broken = Object.assign(base, without) as unknown as CommandClass;
    expect(() => recordCommand(broken)).toThrow(
      expect.objectContaining({ code: 'RIG_PLUGIN_FAILED', exitCode: 8, hint: expect.stringContaining(what) }),
    );
  });
});

test('a manifest names each tapped hook once, and its commands by name', () => {
  const tap = on(commandFinished, () => {});
  class Add extends Send {
    static override paths = [['add']];
  }
  const plugin = definePlugin({ name: 'post', commands: [Send, Add] as unknown as CommandClass[], taps: [tap, tap] });
  expect(recordManifest(plugin, '1.2.3', 'dist/index.js')).toMatchObject({
    name: 'post',
    version: '1.2.3',
    entry: 'dist/index.js',
    taps: ['command:finished'],
    permissions: [],
    settings: {},
    commands: [{ paths: [['add']] }, { paths: [['send'], ['post', 'parcel']] }],
  });
});

describe('help', () => {
  const help = allHelp([{ plugin: 'post', command: send }]);

  test('there is one text for each path, for each group and for rig as a whole', () => {
    expect([...help.keys()].sort()).toEqual(['', 'post', 'post parcel', 'send']);
    expect(help.get('')).toContain('rig post parcel   Send a parcel');
    expect(help.get('post')).toContain('rig post parcel   Send a parcel');
  });

  test('of a command shows its usage, other names, options and examples', () => {
    const text = help.get('send') ?? '';
    expect(usageLine(send)).toContain('--state-dir DIR');
    for (const part of ['rig send ', 'rig post parcel', '-s, --state-dir DIR', '$ rig send book', 'plugin "post"'])
      expect(text).toContain(part);
    expect(text).not.toContain('--secret');
  });
});
