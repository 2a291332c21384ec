import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../../host/src/globals.ts';
import { testOutput } from './support.ts';

describe('what is said beside the data', () => {
  it('names the target with context, server and who decided', async () => {
    const { output, err, out } = testOutput();
    await output.service.target('app api.shop', '--app');
    expect(err()).toBe('app api.shop on local (http://127.0.0.1:7420), by --app\n');
    expect(out()).toBe('');
  });

  it('names the server alone where there is no context', async () => {
    const { output, err } = testOutput({
      describeTarget: async () => ({ context: undefined, server: 'https://max.example.com' }),
    });
    await output.service.target('network shop');
    expect(err()).toBe('network shop on https://max.example.com\n');
  });

  it('is text in the forms for people and JSON warnings alone in the others', async () => {
    for (const format of FORMATS) {
      const { output, err } = testOutput({ format });
      await output.service.target('app api.shop');
      output.service.note('a note');
      output.service.line('a line\twith \x1b[31mcolour');
      output.service.warn('RIG_W', 'care\nfully');
      output.service.warn('RIG_W', 'care\nfully');
      output.service.progress('Up').done('Up it is');
      await output.flush();
      if (format === 'table' || format === 'name')
        expect(err()).toBe(
          'app api.shop on local (http://127.0.0.1:7420)\na note\na line\twith \\x1b[31mcolour\nwarning: care (RIG_W)\n  fully\nUp it is\n',
        );
      else expect(err()).toBe('{"level":"warning","code":"RIG_W","message":"care\\nfully"}\n');
    }
  });

  it('shows verbose lines only when asked, and traces in every form', async () => {
    const silent = testOutput();
    silent.output.verbose('more');
    expect(silent.err()).toBe('');
    const verbose = testOutput({ verbose: true });
    verbose.output.verbose('more');
    expect(verbose.err()).toBe('more\n');
    const machine = testOutput({ format: 'json' });
    machine.output.trace('hook fired');
    expect(JSON.parse(machine.err())).toEqual({ level: 'trace', message: 'hook fired' });
  });

  it("prints rig's own text as it is", async () => {
    const { output, out } = testOutput();
    await output.print('Usage: rig');
    expect(out()).toBe('Usage: rig\n');
  });
});

describe('colour', () => {
  const coloured = async (options: object, env: Record<string, string>, tty: boolean): Promise<boolean> => {
    const { output, err } = testOutput(options, { env, ...(tty ? { errTTY: 80, outTTY: 80 } : {}) });
    await output.prepare();
    output.service.warn('RIG_W', 'x');
    return err().includes('\x1b[33m');
  };
  const always = async (): Promise<'always'> => 'always';
  it.each([
    [{}, {}, true, true],
    [{}, {}, false, false],
    [{}, { TERM: 'dumb' }, true, false],
    [{}, { NO_COLOR: '1' }, true, false],
    [{}, { NO_COLOR: '' }, true, true],
    [{}, { FORCE_COLOR: '1' }, false, true],
    [{}, { FORCE_COLOR: '0' }, true, false],
    [{}, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ color: 'always' }, { NO_COLOR: '1' }, false, true],
    [{ color: 'never' }, { FORCE_COLOR: '1' }, true, false],
    [{ defaultColor: always }, { NO_COLOR: '1' }, false, true],
    [{ color: 'auto', defaultColor: always }, {}, false, false],
  ])('%j with %j on a terminal %j is %j', async (options, env, tty, expected) => {
    expect(await coloured(options, env as Record<string, string>, tty)).toBe(expected);
  });
});

describe('questions', () => {
  it.each([
    [{ format: 'json' as const }, { errTTY: 80 }, 'no questions are asked with -o json'],
    [{}, { errTTY: 80, env: { CI: 'true' } }, 'CI is set'],
    [{}, { errTTY: 80 }, 'standard input is not a terminal'],
  ])('are refused where nobody can answer: %j', async (options, given, why) => {
    for (const ask of ['confirm', 'secret'] as const) {
      const { output, out, err } = testOutput(options, given);
      await expect(output.prompt[ask]('Sure?')).rejects.toMatchObject({
        code: 'RIG_NO_TERMINAL',
        exitCode: 2,
        message: `nobody can answer "Sure?": ${why}`,
      });
      expect(out() + err()).toBe('');
    }
  });
});
