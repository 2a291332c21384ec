import { drawn, list, RigError, raw, stream, value, withExitCode } from '@rig/plugin-api';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Format } from '../../../../host/src/globals.ts';
import { testOutput } from './support.ts';

interface App {
  name: string;
  size: number;
  note?: string | null;
}
const apps: App[] = [
  { name: 'api', size: 7 },
  { name: 'shop', size: 1200, note: '日本' },
  { name: 'x\x1b[2J', size: 3, note: null },
];
const appList = list<App>({
  columns: [
    { header: 'NAME', value: (a) => a.name },
    { header: 'NOTE', value: (a) => a.note },
    { header: 'SIZE', value: (a) => a.size, align: 'right' },
  ],
  name: (a) => a.name,
  empty: 'there are no apps; make one: rig create app NAME',
});
const appValue = value<App>(
  (a) => [
    `${a.name} is there`,
    {
      fields: [
        ['Name', a.name],
        ['Size', a.size],
        ['Note', a.note],
      ],
    },
    {
      heading: 'Parts',
      columns: ['ID', 'N'],
      rows: [
        ['a', 1],
        ['b', 20],
      ],
    },
  ],
  (a) => a.name,
);
const appStream = stream<App>((a) => (a.size > 1000 ? undefined : `${a.name} ${a.size}`));

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
async function render(
  format: Format,
  result: unknown,
  given: unknown,
  tty?: number,
): Promise<{ out: string; err: string }> {
  const { output, out, err } = testOutput({ format }, tty ? { outTTY: tty, errTTY: tty } : {});
  await output.render(result as never, given);
  await output.flush();
  return { out: out(), err: err() };
}

describe('a list', () => {
  it('is a table without boxes, padded by columns of the terminal', async () => {
    const { out, err } = await render('table', appList, apps);
    expect(out).toBe('NAME      NOTE  SIZE\napi                7\nshop      日本  1200\nx\\x1b[2J           3\n');
    expect(err).toBe('');
  });

  it('is never cut off a terminal, and fitted to the width on one', async () => {
    const long = [{ name: 'a-rather-long-name', size: 1, note: 'n'.repeat(300) }];
    expect((await render('table', appList, long)).out).toContain('n'.repeat(300));
    const lines = (await render('table', appList, long, 60)).out.split('\n');
    expect(lines[1]).toMatch(/^a-rather-long-name {2}n+… +1$/);
    expect(lines[1]).toHaveLength(60);
  });

  it('leaves empty columns out of a terminal before it cuts a text', async () => {
    const row = { name: 'a-rather-long-name', size: 1, note: '' };
    expect((await render('table', appList, [row], 25)).out.split('\n')[0]).toMatch(/NAME +SIZE/);
    expect((await render('table', appList, [row], 60)).out).toContain('NOTE');
    expect((await render('table', appList, [row])).out).toContain('NOTE');
  });

  it('says on stderr alone that it is empty', async () => {
    expect(await render('table', appList, [])).toEqual({
      out: '',
      err: 'there are no apps; make one: rig create app NAME\n',
    });
    expect(await render('json', appList, [])).toEqual({ out: '[]\n', err: '' });
    expect(await render('ndjson', appList, [])).toEqual({ out: '', err: '' });
    expect(await render('name', appList, [])).toEqual({ out: '', err: '' });
  });

  it('has every machine form', async () => {
    expect(JSON.parse((await render('json', appList, apps)).out)).toEqual(apps);
    const records = (await render('ndjson', appList, apps)).out.trimEnd().split('\n');
    expect(records.map((line) => JSON.parse(line))).toEqual(apps);
    const yaml = (await render('yaml', appList, apps)).out;
    expect(yaml).not.toContain('\x1b');
    expect(parseYaml(yaml)).toEqual(apps);
    expect((await render('name', appList, apps)).out).toBe('api\nshop\nx\\x1b[2J\n');
  });
});

describe('a value', () => {
  it('is sentences, fields and small tables', async () => {
    const { out } = await render('table', appValue, { name: 'api', size: 7 });
    expect(out).toBe('api is there\n\nName  api\nSize  7\nNote\n\nParts\nID   N\na    1\nb   20\n');
  });

  it('has every machine form', async () => {
    const app = { name: 'true', size: 7, note: '# no comment' };
    expect(JSON.parse((await render('json', appValue, app)).out)).toEqual(app);
    expect((await render('ndjson', appValue, app)).out).toBe('{"name":"true","size":7,"note":"# no comment"}\n');
    expect(parseYaml((await render('yaml', appValue, app)).out)).toEqual(app);
    expect((await render('name', appValue, app)).out).toBe('true\n');
  });

  it('is printed the same with an exit code of its own', async () => {
    expect((await render('ndjson', appValue, withExitCode({ name: 'a', size: 1 }, 1))).out).toBe(
      '{"name":"a","size":1}\n',
    );
  });

  it('what a command has drawn itself is not printed', async () => {
    expect((await render('table', appValue, drawn())).out).toBe('');
  });
});

describe('a stream', () => {
  it('is a line, a JSON line or an item of one YAML list a record', async () => {
    expect((await render('table', appStream, from(apps))).out).toBe('api 7\nx\\x1b[2J 3\n');
    expect(
      (await render('ndjson', appStream, from(apps))).out
        .trimEnd()
        .split('\n')
        .map((l) => JSON.parse(l)),
    ).toEqual(apps);
    expect(parseYaml((await render('yaml', appStream, from(apps))).out)).toEqual(apps);
    expect((await render('yaml', appStream, from([]))).out).toBe('[]\n');
    expect(JSON.parse((await render('json', appStream, from(apps))).out)).toEqual(apps);
  });

  it('leaves stdout empty with -o json if it fails, and prints what came before with the others', async () => {
    const boom = new RigError({ code: 'RIG_TEST', message: 'boom' });
    async function* failing(): AsyncGenerator<App> {
      yield { name: 'api', size: 7 };
      throw boom;
    }
    for (const [format, expected] of [
      ['json', ''],
      ['table', 'api 7\n'],
      ['ndjson', '{"name":"api","size":7}\n'],
    ] as const) {
      const { output, out } = testOutput({ format });
      await expect(output.render(appStream as never, failing())).rejects.toBe(boom);
      await output.flush();
      expect(out()).toBe(expected);
    }
  });

  it('asks for no more than the reader takes', async () => {
    const { output, io, abort } = testOutput({ format: 'ndjson' });
    (io.stdout as unknown as { pause(): void; removeAllListeners(e: string): void }).removeAllListeners('data');
    (io.stdout as unknown as { pause(): void }).pause();
    let asked = 0;
    async function* endless(): AsyncGenerator<App> {
      for (;;) {
        asked++;
        yield { name: 'x'.repeat(1000), size: asked };
      }
    }
    const done = output.render(appStream as never, endless());
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stalled = asked;
    expect(stalled).toBeLessThan(500);
    (io.stdout as unknown as { read(): unknown }).read();
    await expect.poll(() => asked).toBeGreaterThan(stalled);
    io.stdout.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await done;
    expect(abort.signal.reason).toMatchObject({ code: 'RIG_OUTPUT_CLOSED', exitCode: 0 });
  });

  it('ends with the reason of an interrupt, also when the source ends by itself then', async () => {
    const { output, abort, out } = testOutput({ format: 'ndjson' });
    const reason = new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: 130 });
    async function* polite(): AsyncGenerator<App> {
      yield { name: 'api', size: 1 };
      await new Promise((resolve) => abort.signal.addEventListener('abort', resolve));
    }
    const done = output.render(appStream as never, polite());
    await expect.poll(out).toContain('api');
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
  });

  it('lets the source say what an interrupt leaves behind', async () => {
    const { output, abort, out } = testOutput({ format: 'table' });
    const said = new RigError({ code: 'RIG_INTERRUPTED', message: 'the deploy goes on', exitCode: 130 });
    async function* deploy(): AsyncGenerator<App> {
      yield { name: 'api', size: 1 };
      await new Promise((resolve) => abort.signal.addEventListener('abort', resolve));
      yield { name: 'last', size: 2 };
      throw said;
    }
    const done = output.render(appStream as never, deploy());
    await expect.poll(out).toContain('api');
    abort.abort(new Error('plain'));
    await expect(done).rejects.toBe(said);
    expect(out()).toBe('api 1\nlast 2\n');
  });

  it('is left to itself when it does not end after an interrupt', async () => {
    const { output, abort, out } = testOutput({ format: 'ndjson' });
    async function* deaf(): AsyncGenerator<App> {
      yield { name: 'api', size: 1 };
      await new Promise(() => {});
    }
    const done = output.render(appStream as never, deaf());
    await expect.poll(out).toContain('api');
    const reason = new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: 130 });
    abort.abort(reason);
    await expect(done).rejects.toBe(reason);
  });
});

describe('forms', () => {
  it('that a result does not have are refused, before it runs too', async () => {
    for (const result of [appStream, value<App>(() => [])]) {
      const { output } = testOutput({ format: 'name' });
      await expect(output.check(result as never)).rejects.toMatchObject({
        code: 'RIG_FORMAT_UNSUPPORTED',
        exitCode: 2,
      });
    }
    await expect(testOutput({ format: 'name' }).output.check(appList as never)).resolves.toBeUndefined();
  });

  it('come from the settings where -o is not given', async () => {
    const { output, out } = testOutput({ defaultFormat: async () => 'ndjson' });
    expect(output.service.format).toBe('table');
    await output.prepare();
    expect(output.service.format).toBe('ndjson');
    await output.render(appValue as never, { name: 'a', size: 1 });
    expect(out()).toBe('{"name":"a","size":1}\n');
  });

  it('tell warnings of reading the settings in the form that was read', async () => {
    const made = testOutput({
      defaultFormat: async () => {
        made.output.service.warn('RIG_EARLY', 'early');
        return 'json';
      },
    });
    await made.output.prepare();
    expect(JSON.parse(made.err())).toEqual({ level: 'warning', code: 'RIG_EARLY', message: 'early' });
  });

  it('print nothing for raw, and are refused where they were asked for', async () => {
    expect(await render('json', raw(), undefined)).toEqual({ out: '', err: '' });
    const asked = testOutput({ format: 'json' }).output.check(raw() as never);
    await expect(asked).rejects.toMatchObject({ code: 'RIG_FORMAT_UNSUPPORTED', exitCode: 2 });
    // What is set for all commands is no wish for this one.
    await testOutput({ defaultFormat: async () => 'json' }).output.check(raw() as never);
  });
});
