import { describe, expect, test } from 'vitest';
import { parseGlobals } from '../../../host/src/globals.ts';

describe('parseGlobals', () => {
  test.each([
    [['-o', 'json', 'list', 'apps'], 'json'],
    [['list', 'apps', '--output=yaml'], 'yaml'],
    [['list', '-ondjson', 'apps'], 'ndjson'],
    [['list', '-o=name', 'apps'], 'name'],
  ])('%j asks for %s, wherever it stands', (argv, output) => {
    const { globals, rest, error } = parseGlobals(argv);
    expect({ output: globals.output, rest, error }).toEqual({ output, rest: ['list', 'apps'], error: undefined });
  });

  test('leaves everything after -- alone, and -- itself', () => {
    const { globals, rest } = parseGlobals(['command', '--verbose', '--', 'ls', '--help', '-o', 'json']);
    expect(rest).toEqual(['command', '--', 'ls', '--help', '-o', 'json']);
    expect(globals).toMatchObject({ verbose: true, help: false });
    expect(globals.output).toBeUndefined();
  });

  test('a wrong value is an error that knows the form asked for elsewhere', () => {
    const { globals, error } = parseGlobals(['list', '--color=sometimes', '-o', 'json']);
    expect(globals.output).toBe('json');
    expect(error).toMatchObject({ code: 'RIG_USAGE', exitCode: 2 });
    expect(error?.message).toContain('auto, always, never');
  });

  test.each([
    ['jsn', 'did you mean: -o json'],
    ['xml', 'for example: -o table'],
  ])('-o %s: %s', (form, hint) => {
    expect(parseGlobals(['list', '-o', form]).error).toMatchObject({ code: 'RIG_USAGE', hint });
  });

  test.each(['--verbose=no', '--trace=0', '--no-plugins=false', '--help=app', '--no-color=x'])(
    '%s is no way to say that: a flag has no value',
    (arg) => {
      const { globals, error } = parseGlobals(['list', arg]);
      expect(error).toMatchObject({ code: 'RIG_USAGE', exitCode: 2 });
      expect(globals).toEqual({ verbose: false, trace: false, noPlugins: false, help: false });
    },
  );

  test('the option of a command keeps a value that looks like one of rig', () => {
    expect(parseGlobals(['logs', '--grep=-o', '--since=--help']).rest).toEqual(['logs', '--grep=-o', '--since=--help']);
  });

  test('an option without its value says so', () => {
    expect(parseGlobals(['list', '--context', '--verbose']).error?.message).toContain('--context needs a value');
    expect(parseGlobals(['x', '-o', '--', '-o', 'json']).rest).toEqual(['x', '--', '-o', 'json']);
    expect(parseGlobals(['list', '-o']).error?.message).toContain('-o needs a value');
    expect(parseGlobals(['list', '--context', '--', 'x']).error?.message).toContain('--context needs a value');
  });
});
