import { describe, expect, test } from 'vitest';
import type { IndexInput } from '../../../../host/src/plugins/index-file.ts';
import { pathsOf, settlePaths } from '../../../../host/src/plugins/settle-paths.ts';

const plugin = (name: string, ...paths: string[]): IndexInput => ({
  name,
  version: '1.0.0',
  entry: name,
  permissions: [],
  taps: [],
  settings: {},
  commands: paths.map((path) => ({ paths: [path.split(' ')], arguments: [], options: [], result: 'value' })),
});

const shape = (inputs: readonly IndexInput[]) =>
  inputs.map(({ name, commands, refused }) => ({ name, paths: pathsOf(commands), ...(refused ? { refused } : {}) }));

describe('settlePaths', () => {
  test('the first has a path, and the later one is told what it does not get', () => {
    const inputs = [plugin('resources', 'list apps'), plugin('mine', 'list apps', 'mine')];
    expect(shape(settlePaths(inputs, () => []))).toEqual([
      { name: 'resources', paths: ['list apps'] },
      { name: 'mine', paths: ['mine'], refused: ['list apps'] },
    ]);
  });

  test('a recorded override takes it, so that each path is there once', () => {
    const inputs = [plugin('resources', 'list apps', 'create app'), plugin('mine', 'list apps')];
    const overrides = (name: string): string[] => (name === 'mine' ? ['list apps'] : []);
    expect(shape(settlePaths(inputs, overrides))).toEqual([
      { name: 'resources', paths: ['create app'] },
      { name: 'mine', paths: ['list apps'] },
    ]);
  });

  test('an override holds for the paths that were recorded alone', () => {
    const inputs = [plugin('resources', 'list apps', 'create app'), plugin('mine', 'list apps', 'create app')];
    const overrides = (name: string): string[] => (name === 'mine' ? ['list apps'] : []);
    expect(shape(settlePaths(inputs, overrides))).toEqual([
      { name: 'resources', paths: ['create app'] },
      { name: 'mine', paths: ['list apps'], refused: ['create app'] },
    ]);
  });

  test('of a command with several paths the others stay', () => {
    const both = plugin('mine', 'mine');
    both.commands[0]?.paths.push(['list', 'apps']);
    const [, mine] = settlePaths([plugin('resources', 'list apps'), both], () => []);
    expect(mine?.commands).toMatchObject([{ paths: [['mine']] }]);
    expect(both.commands[0]?.paths).toHaveLength(2);
  });
});
