import './commands/runtime.ts';
import { type CommandClass, Option, RigCommand, type RigError, value } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { parse } from '../../../host/src/cli.ts';
import { memoryIo } from './support/memory-io.ts';

class Send extends RigCommand<null> {
  static override paths = [['send', 'parcel'], ['send']];
  static override result = value<null>(() => []);
  to = Option.String('--to', { required: true });
  lines = Option.String('-n,--lines');
  fast = Option.Boolean('--fast', false);
  what = Option.String({ name: 'WHAT' });
  note = Option.String({ required: false, name: 'NOTE' });
  run() {
    return null;
  }
}

class Many extends RigCommand<null> {
  static override paths = [['many']];
  static override result = value<null>(() => []);
  first = Option.String({ name: 'FIRST' });
  rest = Option.Rest({ name: 'MORE' });
  run() {
    return null;
  }
}

class OfApp extends RigCommand<null> {
  static override paths = [['of', 'app']];
  static override result = value<null>(() => []);
  app = Option.String('--app');
  run() {
    return null;
  }
}

const classes = [Send, Many, OfApp] as unknown as CommandClass[];
const run = (path: string, ...argv: string[]): RigCommand => parse(classes, [path], argv, memoryIo().io, async () => 0);

function failed(path: string, ...argv: string[]): RigError {
  try {
    run(path, ...argv);
  } catch (error) {
    return error as RigError;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

describe('parse', () => {
  test('sets options and arguments, in any order', () => {
    expect(run('send parcel', 'send', 'parcel', 'book', '--to=Ada', '-n', '3')).toMatchObject({
      to: 'Ada',
      lines: '3',
      fast: false,
      what: 'book',
    });
    expect(run('many', 'many', 'a', 'b', 'c')).toMatchObject({ first: 'a', rest: ['b', 'c'] });
  });

  test('a value may look like an option where it is joined to its name', () => {
    expect(run('send parcel', 'send', 'parcel', 'book', '--to=-o')).toMatchObject({ to: '-o' });
  });

  test('a command that the manifest names and the plugin lacks is a failing plugin', () => {
    const error = (() => {
      try {
        parse(classes, ['other'], ['other'], memoryIo().io, async () => 0);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'RIG_PLUGIN_FAILED', exitCode: 8, hint: expect.stringContaining('manifest') });
  });
});

const USAGE = 'rig send parcel WHAT [NOTE] --to TO [--lines LINES] [--fast]; more: rig send parcel --help';

describe('what does not fit is said of the option or argument', () => {
  test.each([
    [['book', '--to', 'Ada', '--fsat'], '"rig send parcel" has no option --fsat', 'did you mean --fast?'],
    [['book', '--to', 'Ada', '--zzz=1'], '"rig send parcel" has no option --zzz', USAGE],
    [['book', '--to', 'Ada', '--fast=yes'], '--fast takes no value', 'rig send parcel --help'],
    [['book', '--to'], '--to needs a value: TO', 'rig send parcel --help'],
    [['book', '--to', '--fast'], '--to needs a value: TO', '--to=--fast'],
    [['book', '--to', 'Ada', '-n', '-5'], '-n needs a value: LINES', '-n=-5'],
    [['--to', 'Ada'], '"rig send parcel" needs WHAT', USAGE],
    [['book'], '"rig send parcel" needs --to TO', USAGE],
    [['book', 'soon', 'late', '--to', 'Ada'], '"rig send parcel" does not take "late"', USAGE],
    [['--to', 'Ada', '--', 'book', 'soon', '--fast'], '"rig send parcel" does not take "--fast"', USAGE],
  ])('%j', (argv, message, hint) => {
    const error = failed('send parcel', 'send', 'parcel', ...argv);
    expect(error).toMatchObject({ code: 'RIG_USAGE', exitCode: 2, message });
    expect(error.hint).toContain(hint);
  });

  test('a value is never repeated: it may be a secret that was put in the wrong place', () => {
    expect(JSON.stringify(failed('send parcel', 'send', 'parcel', 'book', '--fast=s3cret'))).not.toContain('s3cret');
    expect(JSON.stringify(failed('send parcel', 'send', 'parcel', 'book', '--password=s3cret'))).not.toContain(
      's3cret',
    );
  });

  test('an app where it is no argument is shown as the option that it is', () => {
    expect(failed('of app', 'of', 'app', 'api.shop')).toMatchObject({
      message: '"rig of app" does not take "api.shop"',
      hint: 'if that is the app: rig of app --app api.shop',
    });
    expect(failed('of app', 'of', 'app', 'more', '--app', 'api').hint).toBe(
      'rig of app [--app APP]; more: rig of app --help',
    );
  });

  test('arguments that are needed are all named', () => {
    expect(failed('many', 'many').message).toBe('"rig many" needs FIRST');
  });
});
