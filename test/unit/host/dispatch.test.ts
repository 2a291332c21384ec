import { describe, expect, test } from 'vitest';
import { incompleteCommand, route, unknownCommand } from '../../../host/src/dispatch.ts';
import { buildIndex, type IndexInput } from '../../../host/src/plugins/index-file.ts';

const plugin = (name: string, ...paths: string[]): IndexInput => ({
  name,
  version: '1.0.0',
  entry: name,
  permissions: [],
  taps: [],
  settings: {},
  commands: paths.map((path) => ({
    paths: [path.split(' ')],
    description: `About ${path}`,
    arguments: [],
    options: [],
    result: 'value',
  })),
});

const index = buildIndex('b', [
  plugin('resources', 'create app', 'create network', 'delete app', 'list apps'),
  plugin('max', ...['down', 'logs', 'reset', 'status', 'token', 'up'].map((word) => `max ${word}`)),
  plugin('deploy', 'deploy', 'deploy attach'),
]);

describe('route', () => {
  test('takes the longest path, and keeps the shorter ones of the same plugin', () => {
    expect(route(index, ['deploy', 'attach', '--app', 'x'])).toEqual({
      kind: 'command',
      plugin: 'deploy',
      path: 'deploy attach',
      paths: ['deploy attach', 'deploy'],
    });
    expect(route(index, ['deploy', './folder'])).toMatchObject({ path: 'deploy', paths: ['deploy'] });
  });

  test('a group alone is a group', () => {
    const found = route(index, ['create']);
    expect(found).toEqual({ kind: 'group', path: 'create', members: ['create app', 'create network'] });
    if (found.kind !== 'group') throw new Error('not a group');
    expect(incompleteCommand(index, found)).toMatchObject({
      code: 'RIG_INCOMPLETE_COMMAND',
      exitCode: 2,
      lines: ['rig create app      About create app', 'rig create network  About create network'],
    });
  });

  test.each([
    [['depoly'], ['deploy']],
    [['create', 'ap'], ['create app']],
    [['lst', 'apps'], ['list apps']],
    [['apps', 'list'], ['list apps']],
    [
      ['create', 'whatever'],
      ['create app', 'create network'],
    ],
    [['zzzzzzzz'], []],
    // What other command lines call it, and a noun without its verb.
    [['destroy', 'app'], ['delete app']],
    [['rm'], ['delete']],
    [['publish'], ['deploy']],
    [['apps'], ['list apps']],
    [['app'], ['create app', 'delete app']],
    // A close word of another length is not the noun that was meant.
    [
      ['create', 'shop'],
      ['create app', 'create network'],
    ],
    // Six and more are told by the help of the group.
    [['max', 'zzz'], []],
  ])('%j is unknown, and suggests %j', (argv, suggestions) => {
    expect(route(index, argv)).toMatchObject({ kind: 'unknown', suggestions });
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is a word like any other', (word) => {
    expect(route(index, [word])).toMatchObject({ kind: 'unknown', typed: word });
    expect(route(index, ['create', word])).toMatchObject({ kind: 'unknown' });
  });

  test('a group may have several words', () => {
    const deep = buildIndex('b', [plugin('p', 'team member add', 'team member list')]);
    expect(route(deep, ['team'])).toMatchObject({ kind: 'group', path: 'team' });
    expect(route(deep, ['team', 'member'])).toEqual({
      kind: 'group',
      path: 'team member',
      members: ['team member add', 'team member list'],
    });
    expect(route(deep, ['team', 'member', 'lsit'])).toMatchObject({ kind: 'unknown' });
  });

  test('words after -- never name a command', () => {
    expect(route(index, ['--', 'deploy'])).toMatchObject({ kind: 'unknown', typed: '--' });
  });

  test('an option before the command is told as that', () => {
    const found = route(index, ['--app', 'deploy']);
    if (found.kind !== 'unknown') throw new Error('known');
    expect(unknownCommand(found)).toMatchObject({ code: 'RIG_USAGE', exitCode: 2 });
  });

  test.each([
    [['-v'], 'RIG_USAGE', 'did you mean: rig -V'],
    [['--verison'], 'RIG_USAGE', 'did you mean: rig --version'],
    [['version'], 'RIG_UNKNOWN_COMMAND', 'rig --version'],
    [['max', 'zzz'], 'RIG_UNKNOWN_COMMAND', 'rig max --help lists what there is'],
    [['zzzzzzzz'], 'RIG_UNKNOWN_COMMAND', 'rig --help lists them all'],
  ])('%j is %s, and the hint is %j', (argv, code, hint) => {
    const found = route(index, argv);
    if (found.kind !== 'unknown') throw new Error('known');
    expect(unknownCommand(found)).toMatchObject({ code, hint, exitCode: 2 });
  });
});

describe('buildIndex', () => {
  test('a tap or a plugin called like something that every object has is an entry of its own', () => {
    const made = buildIndex('b', [{ ...plugin('constructor', 'x'), taps: ['constructor', '__proto__'] }]);
    expect(Object.keys(made.plugins)).toEqual(['constructor']);
    expect(Object.entries(made.taps)).toEqual([
      ['constructor', ['constructor']],
      ['__proto__', ['constructor']],
    ]);
  });

  test('a later plugin wins a path, which only a recorded override lets happen', () => {
    const { commands } = buildIndex('b', [plugin('a', 'hello'), plugin('b', 'hello')]);
    expect(commands).toEqual({ hello: 'b' });
  });
});
