import { describe, expect, test } from 'vitest';
import { withoutBlock, withoutSection, withSection } from '../../../plugins/ssh/src/config/block.ts';
import { patternsOf, sectionOf } from '../../../plugins/ssh/src/config/section.ts';
import { readPairs } from '../../../plugins/ssh/src/forward/pairs.ts';
import { readHostName } from '../../../plugins/ssh/src/host-name.ts';

const thrown = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing';
};

describe('the name of a host', () => {
  test.each([
    ['api.shop', { app: 'api', network: 'shop', instance: undefined }],
    ['api.shop.rig', { app: 'api', network: 'shop', instance: undefined }],
    ['web.2.api.shop', { app: 'api', network: 'shop', instance: 'web.2' }],
    ['web.2.api.shop.rig', { app: 'api', network: 'shop', instance: 'web.2' }],
    ['api.rig', { app: 'api', network: 'rig', instance: undefined }],
    ['api.rig.rig', { app: 'api', network: 'rig', instance: undefined }],
    ['web.2.api.rig', { app: 'api', network: 'rig', instance: 'web.2' }],
  ])('%s', (host, named) => {
    expect(readHostName(host)).toEqual(named);
  });

  test.each(['', 'api', 'rig', 'a.b.c', 'web.x.api.shop', '.shop', 'api.', '..', '1.2.3.4.5.6'])(
    '%j is none',
    (host) => {
      expect(thrown(() => readHostName(host))).toBe('RIG_BAD_HOST');
    },
  );
});

test('pairs of ports', () => {
  expect(readPairs(['80', '8080:80', '0:1', '65535'])).toEqual([
    { local: undefined, remote: 80 },
    { local: 8080, remote: 80 },
    { local: 0, remote: 1 },
    { local: undefined, remote: 65_535 },
  ]);
  for (const bad of ['', ':80', '80:', 'a', '0', '80:0', '65536', '65536:1', '1:2:3', '-1', '1.5'])
    expect([bad, thrown(() => readPairs([bad]))]).toEqual([bad, 'RIG_BAD_PORT']);
  expect(thrown(() => readPairs(['1:2', '1:3']))).toBe('RIG_BAD_PORT');
  expect(thrown(() => readPairs(['0:2', '0:3']))).toBe('nothing');
});

describe('the block in the configuration of ssh', () => {
  const section = { name: 'local', lines: ['Host *.shop', '  ProxyCommand x'] };

  test.each([
    ['nothing', ''],
    ['settings for every host', 'User me\n'],
    ['a file without a last line feed', 'Host a\n  User b'],
    ['empty lines', '\n\n\nHost a\n'],
    ['line ends of Windows', 'Host a\r\n  User b\r\n'],
  ])('comes and goes without a trace beside %s', (_what, text) => {
    const written = withSection(text, section, 'f');
    expect(withSection(written, section, 'f')).toBe(written);
    expect(withoutBlock(written, 'f')).toBe(text);
  });

  test('loses the part of one context, and is gone with the last', () => {
    const other = { name: 'http://b:1', lines: ['Host *.b'] };
    const both = withSection(withSection('Host c\n', section, 'f'), other, 'f');
    const { text } = withoutSection(both, 'local', 'f');
    expect(text).toBe(withSection('Host c\n', other, 'f'));
    expect(withoutSection(text, 'local', 'f').text).toBe(text);
    expect(withoutSection(text, 'http://b:1', 'f')).toEqual({ text: 'Host c\n', block: undefined });
  });

  test('stays where its user has moved it', () => {
    const block = withSection('', section, 'f');
    const moved = `Host a\n${block}\nHost b\n`;
    expect(withSection(moved, section, 'f')).toBe(moved);
    expect(withoutBlock(moved, 'f')).toBe('Host a\n\nHost b\n');
  });

  test.each(['# BEGIN rig\n', '# END rig\n', '# END rig\n# BEGIN rig\n', '# BEGIN rig\n# BEGIN rig\n# END rig\n'])(
    'that is damaged is refused: %j',
    (text) => {
      expect(thrown(() => withSection(text, section, 'f'))).toBe('RIG_SSH_CONFIG_BROKEN');
      expect(thrown(() => withoutBlock(text, 'f'))).toBe('RIG_SSH_CONFIG_BROKEN');
    },
  );

  test('quotes what a shell would read otherwise, and what ssh would', () => {
    const { lines } = sectionOf({
      context: 'my-max',
      server: 'http://127.0.0.1:1',
      networks: ['shop'],
      longNames: false,
      self: ["/home/o'neil/my node", '/opt/100%/rig.cjs'],
      knownHosts: '/data/a b%c/known_hosts',
      windows: false,
    });
    expect(lines[1]).toBe(
      "  ProxyCommand '/home/o'\\''neil/my node' /opt/100%%/rig.cjs ssh proxy --context my-max '%h'",
    );
    expect(lines).toContain('  UserKnownHostsFile "/data/a b%%c/known_hosts"');
    expect(patternsOf('rig', false)).toEqual(['*.rig.rig', '*.rig', '!*.*.rig']);
  });
});
