import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

interface Line {
  seq: number;
  at: string;
  app?: string;
  instance: string;
  text: string;
}

/** Logs what it is asked to: the path, decoded, a line each. */
const SOURCE = `import { createServer } from 'node:http';
createServer((request, response) => {
  for (const line of decodeURIComponent(request.url.slice(1)).split('\\n')) console.log(line);
  response.end('ok');
}).listen(process.env.PORT, () => console.log('ready'));
process.once('SIGTERM', () => process.exit(0));
`;

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  for (const app of ['api', 'shop']) {
    const dir = await writeNodeApp(join(max.home.dir, 'apps', app), SOURCE);
    await deploy(max, `${app}.net`, dir);
  }
  await say('api', 'WARN: disk at 90 %', '{"level":"error","msg":"no room"}', 'order=17 done', 'order=18 done');
  await logged('api', 'order=18 done');
});
afterAll(() => max.stop());

const say = (app: string, ...lines: string[]) => askApp(max, `${app}.net`, `/${encodeURIComponent(lines.join('\n'))}`);
const read = (app: string, ...args: string[]) => rigJson<Line[]>(max.home, ['logs', 'app', `${app}.net`, ...args]);
const texts = (lines: Line[]): string[] => lines.map(({ text }) => text);

/** Waits until Max has a line. */
async function logged(app: string, text: string): Promise<void> {
  const running = spawnRig(max.home, ['logs', 'app', `${app}.net`]);
  await outputLines(running.stdout as NonNullable<typeof running.stdout>).find(text);
  running.kill('SIGINT');
  await running;
}

describe('rig logs app chooses lines', () => {
  test('by pattern, and --lines counts those that match', async () => {
    expect(texts(await read('api', '--grep', '^order=(17|18)'))).toEqual(['order=17 done', 'order=18 done']);
    expect(texts(await read('api', '--grep', 'order', '--lines', '1'))).toEqual(['order=18 done']);
    expect(await read('api', '--grep', 'nowhere')).toEqual([]);
  });

  test('by level, from JSON and from prefixes', async () => {
    expect(texts(await read('api', '--level', 'warn'))).toEqual([
      'WARN: disk at 90 %',
      '{"level":"error","msg":"no room"}',
    ]);
    expect(texts(await read('api', '--level', 'error'))).toHaveLength(1);
  });

  test('by instance and process type', async () => {
    const own = await read('api', '--instance', 'web');
    expect(new Set(own.map(({ instance }) => instance))).toEqual(new Set(['web.1']));
    expect(await read('api', '--instance', 'web.1')).toEqual(own);
    expect(texts(await read('api', '--instance', 'max'))).toContain('v1 serves now');
    expect(await read('api', '--instance', 'web.7')).toEqual([]);
  });

  test('by time, as a moment and as a duration', async () => {
    const all = await read('api', '--lines', '10000');
    const third = all[2] as Line;
    const since = await read('api', '--since', third.at);
    expect(since).toEqual(all.filter(({ at }) => at >= third.at));
    expect(await read('api', '--until', third.at)).toEqual(all.filter(({ at }) => at <= third.at));
    expect(await read('api', '--since', '1h')).toEqual(all);
    expect(await read('api', '--until', '1h')).toEqual([]);
  });

  test('--since and following are one stream: nothing lost, nothing twice, over a Max that is killed', async () => {
    const before = await read('api', '--lines', '10000');
    const running = spawnRig(max.home, ['logs', 'app', 'api.net', '--since', '1h', '-o', 'ndjson']);
    const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
    const many = Array.from({ length: 200 }, (_, index) => `while following ${index}`);
    for (let from = 0; from < 200; from += 50) await say('api', ...many.slice(from, from + 50));
    await out.find('while following 199');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await rigOk(max.home, ['max', 'up']);
    await say('api', 'after the kill');
    await out.find('after the kill');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    const seqs = out.all.map((line) => (JSON.parse(line) as Line).seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + (before[0] as Line).seq));
  });

  test('following with a filter tells no gap, and goes on over a Max that is killed', async () => {
    const running = spawnRig(max.home, ['logs', 'app', 'api.net', '--grep', 'needle', '-o', 'ndjson']);
    const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
    await say('api', 'needle 1', 'hay', 'hay', 'needle 2');
    await out.find('needle 2');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await rigOk(max.home, ['max', 'up']);
    await say('api', 'hay', 'needle 3');
    await out.find('needle 3');
    running.kill('SIGINT');
    await running;
    expect(out.all.map((line) => (JSON.parse(line) as Line).text)).toEqual(['needle 1', 'needle 2', 'needle 3']);
  });

  test('following ends by itself at --until', async () => {
    const until = new Date(Date.now() + 2_000).toISOString();
    const { exitCode } = await rig(max.home, ['logs', 'app', 'api.net', '--until', until]);
    expect(exitCode).toBe(0);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  });
});

describe('a pattern that backtracks for ever', () => {
  beforeAll(async () => {
    await say('api', `${'a'.repeat(60)}!`);
    await logged('api', `${'a'.repeat(60)}!`);
  });

  test('is ended and refused, and Max serves on', async () => {
    const failure = { code: 'RIG_PATTERN_TOO_SLOW', exitCode: 2, message: /\(a\+\)\+/, hint: /repetition/ } as const;
    await expectFailure(max.home, ['logs', 'app', 'api.net', '--grep', '^(a+)+$', '--no-follow'], failure);
    await expectFailure(max.home, ['logs', 'app', 'api.net', '--grep', '^(a+)+$'], failure);
    await expectFailure(max.home, ['logs', 'app', 'api.net', '--since', '1h', '--grep', '^(a+)+$'], failure);
    expect(texts(await read('api', '--grep', 'a!'))).toHaveLength(1);
  });
});

describe('rig logs network', () => {
  beforeAll(async () => {
    await say('shop', 'said by shop');
    await logged('shop', 'said by shop');
  });

  test('has the lines of all apps in order of time, each with its app', async () => {
    const { stdout } = await rigOk(max.home, ['logs', 'network', 'net', '--no-follow', '--lines', '10000']);
    expect(stdout).toMatch(/^shop \d{4}-\S+ web\.1 \| said by shop$/m);
    expect(stdout).toMatch(/^api \d{4}-\S+ web\.1 \| order=17 done$/m);
    const lines = await rigJson<Line[]>(max.home, ['logs', 'network', 'net', '--lines', '10000']);
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort());
    for (const app of ['api', 'shop'])
      expect(lines.filter((line) => line.app === app).map(({ seq }) => seq)).toEqual(
        (await read(app, '--lines', '10000')).map(({ seq }) => seq),
      );
  });

  test('--lines counts the lines of all apps, those that match', async () => {
    expect(await rigJson(max.home, ['logs', 'network', 'net', '--lines', '3'])).toHaveLength(3);
    expect(
      texts(await rigJson<Line[]>(max.home, ['logs', 'network', 'net', '--grep', 'said by|order', '--lines', '2'])),
    ).toEqual(['order=18 done', 'said by shop']);
  });

  test('follows, takes in an app that is made meanwhile, and loses nothing over a Max that is killed', async () => {
    const running = spawnRig(max.home, ['logs', 'network', 'net', '--since', '1h', '-o', 'ndjson']);
    const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
    await out.find('said by shop');
    await say('shop', 'one');
    await out.find('"one"');
    await deploy(max, 'late.net', await writeNodeApp(join(max.home.dir, 'apps', 'late'), SOURCE));
    await say('late', 'the late one speaks');
    await out.find('the late one speaks');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await rigOk(max.home, ['max', 'up']);
    await say('late', 'back again');
    await say('api', 'all are back');
    await out.find('back again');
    await out.find('all are back');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    const lines = out.all.map((line) => JSON.parse(line) as Line);
    for (const app of ['api', 'shop', 'late']) {
      const seqs = lines.filter((line) => line.app === app).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    }
  });

  test('ends with 3 when the network is deleted, and for one that is not there', async () => {
    await deploy(max, 'one.brief', await writeNodeApp(join(max.home.dir, 'apps', 'one'), SOURCE));
    const running = spawnRig(max.home, ['logs', 'network', 'brief']);
    await outputLines(running.stdout as NonNullable<typeof running.stdout>).find('ready');
    await rigOk(max.home, ['delete', 'app', 'one.brief', '--yes']);
    await rigOk(max.home, ['delete', 'network', 'brief', '--yes']);
    expect((await running).exitCode).toBe(3);
    await expectFailure(max.home, ['logs', 'network', 'brief'], {
      code: 'RIG_NETWORK_NOT_FOUND',
      exitCode: 3,
      message: /brief/,
      hint: /rig list networks/,
    });
  });
});

describe('bad options are refused before any request', () => {
  test.each([
    ['--grep', 'a(b', /Unterminated group at character 2/, /backslash/],
    ['--since', 'soon', /--since must be a time such as/, /--since 10m/],
    ['--until', '2026-02-31', /--until must be a time/, /--until 10m/],
    ['--level', 'loud', /trace, debug, info, warn, error, fatal/, /--level warn/],
    ['--instance', 'web 1', /--instance must be/, /rig status app/],
  ])('%s %s', async (option, value, message, hint) => {
    for (const kind of [
      ['app', 'api.net'],
      ['network', 'net'],
    ] as const)
      await expectFailure(max.home, ['logs', ...kind, option, value], {
        code: 'RIG_BAD_OPTION',
        exitCode: 2,
        message,
        hint,
      });
  });

  test('--since after --until', async () => {
    await expectFailure(max.home, ['logs', 'app', 'api.net', '--since', '1h', '--until', '2h'], {
      code: 'RIG_BAD_OPTION',
      exitCode: 2,
      message: /--since 1h is after --until 2h/,
      hint: /--since 2h --until 1h/,
    });
  });
});
