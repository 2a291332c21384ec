import { describe, expect, test } from 'vitest';
import { commandHelp, type HelpEntry, rootHelp } from '../../../../host/src/plugins/help-text.ts';
import type { ManifestCommand } from '../../../../plugin-api/src/index.ts';

const command = (path: string, more: Partial<ManifestCommand> = {}): ManifestCommand => ({
  paths: [path.split(' ')],
  description: `About ${path}`,
  arguments: [],
  options: [],
  result: 'value',
  ...more,
});
const entry = (plugin: string, path: string): HelpEntry => ({ plugin, command: command(path) });

/** The lines that stand at the margin: the headings, and what comes before them. */
const margin = (text: string): string[] => text.split('\n').filter((line) => /^\S/.test(line));

describe('the help of a command', () => {
  test('begins with what it does and ends with what every command has', () => {
    const shown = command('send', {
      details: 'More about it.',
      options: [{ names: ['--to'], value: 'TO' }],
      examples: [['Send', '$0 send']],
    });
    expect(margin(commandHelp({ plugin: 'post', command: shown }, ['send']))).toEqual([
      'About send',
      'More about it.',
      'USAGE',
      'OPTIONS',
      'EXAMPLES',
      'GLOBAL OPTIONS',
      'From the plugin "post".',
    ]);
  });
});

describe('the help of rig', () => {
  const all = [entry('rig', 'login'), entry('rig', 'config get'), entry('max', 'max up'), entry('mine', 'mine')];

  test('has the first steps, signing in apart from the rest of rig, and plugins before that rest', () => {
    const headings = margin(rootHelp(all)).filter((line) => /^[A-Z ]+$/.test(line));
    expect(headings).toEqual([
      'USAGE',
      'FIRST STEPS',
      'A MAX ON THIS MACHINE',
      'PLUGIN MINE',
      'SIGNING IN',
      'RIG ITSELF',
      'GLOBAL OPTIONS',
    ]);
  });

  test('names no first step whose command is not there', () => {
    expect(rootHelp(all)).toContain('rig max token | rig login --token-stdin');
    expect(rootHelp(all)).not.toContain('rig deploy');
    expect(rootHelp([entry('mine', 'mine')])).not.toContain('FIRST STEPS');
  });
});
