import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppDetails, Network } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure, records } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

/** Writes as many lines of a kilobyte as the path says. */
const SOURCE = `import { createServer } from 'node:http';
let count = 0;
createServer((request, response) => {
  const many = Number(request.url.slice(1));
  for (let i = 0; i < many; i++) console.log('said ' + ++count + ' ' + 'x'.repeat(1000));
  response.end(process.env.MAX_APP + '.' + process.env.MAX_NETWORK);
}).listen(process.env.PORT);
process.once('SIGTERM', () => process.exit(0));
`;

type LogRecord = { seq: number; text: string } | { gap: { from: number; to: number } };

let max: RunningMax;
let source: string;
beforeAll(async () => {
  max = await startMax();
  source = await writeNodeApp(join(max.home.dir, 'apps', 'talks'), SOURCE);
  await deploy(max, 'api.shop', source);
});
afterAll(() => max.stop());

const ok = (...args: string[]) => rigOk(max.home, args);
const json = <T>(...args: string[]): Promise<T> => rigJson<T>(max.home, args);
const details = (app: string): Promise<AppDetails> => json('details', 'app', app);

describe('rig update app', () => {
  test('changes what is named, says from what to what and when it holds, and shows it in the details', async () => {
    const first = await json('update', 'app', 'api.shop', '--stop-timeout', '20s', '--log-age', '12h');
    expect(first).toEqual({
      app: 'api',
      network: 'shop',
      url: `http://api.shop.localhost:${max.port}`,
      state: 'running',
      changes: [
        { setting: 'stopTimeoutSeconds', from: null, to: 20, takesEffect: 'with the next release or restart' },
        { setting: 'logs.maxAgeDays', from: null, to: 0.5, takesEffect: 'now' },
      ],
    });
    const { stdout, stderr } = await ok(
      ...['update', 'app', 'api.shop', '--drain-timeout', '5s', '--log-age', 'off', '--stop-timeout', 'default'],
    );
    expect(stdout).toMatch(/^drain-timeout +30s \(default\) +5s +at the next switch$/m);
    expect(stdout).toMatch(/^stop-timeout +20s +10s \(default\) +with the next release or restart$/m);
    expect(stdout).toMatch(/^log-age +12h +any age +now$/m);
    expect(stdout).toContain('rig restart app api.shop');
    expect(stderr).toContain('app api.shop on local');
    expect((await ok('details', 'app', 'api.shop')).stdout).toMatch(/^drain-timeout +5s$/m);
    expect((await ok('update', 'app', 'api.shop', '--log-age', 'off')).stdout).toContain('Nothing was changed');
    await ok('update', 'app', 'api.shop', '--log-age', 'default', '--drain-timeout', 'default');
    expect((await details('api.shop')).app.settings).toEqual({
      healthcheck: null,
      healthTimeoutSeconds: null,
      drainTimeoutSeconds: null,
      stopTimeoutSeconds: null,
      logs: { maxBytes: null, maxAgeDays: null },
    });
  });

  test('a healthcheck and its time hold with the next restart; what does not answer leaves the old one serving', async () => {
    await ok('update', 'app', 'api.shop', '--healthcheck', '/0?x=%20', '--health-timeout', '30s');
    await ok('restart', 'app', 'api.shop');
    expect(await details('api.shop')).toMatchObject({ healthcheck: '/0?x=%20', app: { release: 2 } });
    const silent = await writeNodeApp(join(max.home.dir, 'apps', 'silent'), 'setInterval(() => {}, 1_000);');
    await ok('update', 'app', 'api.shop', '--health-timeout', '1s');
    const failed = await rig(max.home, ['deploy', silent, '--app', 'api.shop']);
    expect(failed.stderr).toMatch(/within 1 s.*\(RIG_NOT_HEALTHY\)/);
    expect((await askApp(max, 'api.shop', '/0')).status).toBe(200);
    await ok('update', 'app', 'api.shop', '--healthcheck', 'none', '--health-timeout', 'default');
  });

  test.each([
    [['--healthcheck', 'healthz'], /"healthz".*does not begin with/, /--healthcheck \/healthz/],
    [['--health-timeout', '90'], /--health-timeout .*1s to 1h.*"90"/, /90s/],
    [['--drain-timeout', '2h'], /--drain-timeout .*0s to 1h/, /default/],
    [['--stop-timeout', '0s'], /--stop-timeout .*1s to 10m/, /default/],
    [['--log-size', '10kB'], /--log-size .*1\.0 MB to 100 GB.*"10kB"/, /200MB/],
    [['--log-size', 'off'], /--log-size .*"off"/, /default/],
    [['--log-age', '5m'], /--log-age .*1h to 3650d/, /off/],
  ])('%j is refused before anything is asked', async (options, message, hint) => {
    const env = { RIG_SERVER: 'http://127.0.0.1:9' };
    const args = ['update', 'app', 'api.shop', ...options];
    await expectFailure(max.home, args, { code: 'RIG_BAD_OPTION', exitCode: 2, message, hint }, { env });
  });

  test('without an option it names all of them', async () => {
    await expectFailure(max.home, ['update', 'app', 'api.shop'], {
      code: 'RIG_USAGE',
      exitCode: 2,
      message: /--healthcheck.*--log-age, --name/,
      hint: /rig update app --help/,
    });
    await expectFailure(max.home, ['update', 'network', 'shop'], {
      code: 'RIG_USAGE',
      exitCode: 2,
      message: /--name/,
      hint: /rig update network --help/,
    });
    await expectFailure(max.home, ['update', 'app', 'none.shop', '--log-age', 'off'], {
      code: 'RIG_APP_NOT_FOUND',
      exitCode: 3,
      message: /none/,
      hint: /rig list apps --network shop/,
    });
  });
});

describe('the limits of a log', () => {
  const write = async (app: string, lines: number): Promise<number> => {
    const before = (await details(app)).logs.last?.seq ?? 0;
    await askApp(max, app, `/${lines}`);
    for (;;) {
      const seq = (await details(app)).logs.last?.seq ?? 0;
      if (seq >= before + lines) return seq;
    }
  };
  const parse = (lines: readonly string[]): LogRecord[] => lines.map((line) => JSON.parse(line) as LogRecord);
  /** Every number once and in order, lines and gaps together. */
  const expectSeamless = (found: readonly LogRecord[], from: number, to: number): void => {
    let next = from;
    for (const record of found) {
      expect('gap' in record ? record.gap.from : record.seq).toBe(next);
      next = ('gap' in record ? record.gap.to : record.seq) + 1;
    }
    expect(next).toBe(to + 1);
  };

  test('hold at once and while the app writes: what is gone is a gap, for readers and for a follower', async () => {
    await deploy(max, 'logs.shop', source);
    await write('logs.shop', 3_000);
    expect((await details('logs.shop')).logs).toMatchObject({ first: { seq: 1 }, maxBytes: 64_000_000 });
    await ok('update', 'app', 'logs.shop', '--log-size', '1MB');
    const { logs } = await details('logs.shop');
    expect(logs.keptBytes).toBeLessThanOrEqual(1_000_000);
    expect(logs.keptBytes).toBeGreaterThan(800_000);
    const start = logs.last!.seq;

    const follower = spawnRig(max.home, ['logs', 'app', 'logs.shop', '--lines', '1', '-o', 'ndjson']);
    const out = outputLines(follower.stdout as NonNullable<typeof follower.stdout>);
    await out.find(`"seq":${start}`);
    // It stops to read for a while, and the app goes on.
    follower.kill('SIGSTOP');
    const last = await write('logs.shop', 6_000);
    follower.kill('SIGCONT');
    await out.find(`"seq":${last}`);
    follower.kill('SIGINT');
    await follower;
    const followed = parse(out.all);
    expectSeamless(followed, start, last);
    expect(followed.filter((record) => 'gap' in record)).not.toEqual([]);

    const read = parse(
      (await ok('logs', 'app', 'logs.shop', '--since', '1h', '--no-follow', '-o', 'ndjson')).stdout.trim().split('\n'),
    );
    expectSeamless(read, 1, last);
    const kept = await details('logs.shop');
    expect(read[0]).toEqual({ gap: { from: 1, to: kept.logs.first!.seq - 1 } });
    expect(kept.logs.keptBytes).toBeLessThanOrEqual(1_000_000);
  });
});

describe('another name', () => {
  test('of an app: asked for, served at once, told where the old one is still written; then of its network', async () => {
    await ok('create', 'network', 'names');
    await deploy(max, 'old.names', source);
    const args = ['update', 'app', 'old.names', '--name', 'new'];
    await expectFailure(max.home, args, { code: 'RIG_NO_TERMINAL', exitCode: 2, message: /./, hint: /--yes/ });
    await expectFailure(max.home, [...args.slice(0, -1), 'No_', '--yes'], {
      code: 'RIG_BAD_NAME',
      exitCode: 2,
      message: /"No_"/,
      hint: /rig update app old\.names --name no/,
    });
    const project = join(max.home.dir, 'apps', 'talks');
    await writeFile(join(project, '.rigrc'), JSON.stringify({ app: 'old', network: 'names' }));
    const renamed = await rigOk(max.home, [...args, '--yes', '-o', 'json'], { cwd: project });
    expect(JSON.parse(renamed.stdout)).toMatchObject({
      app: 'new',
      url: `http://new.names.localhost:${max.port}`,
      changes: [{ setting: 'name', from: 'old', to: 'new', takesEffect: 'now' }],
    });
    expect(records(renamed.stderr)).toMatchObject([
      { level: 'warning', code: 'RIG_OLD_NAME', message: expect.stringMatching(/old\.names.*\.rigrc.*new\.names/) },
    ]);
    expect((await askApp(max, 'old.names')).status).toBe(404);
    expect((await askApp(max, 'new.names', '/0')).body).toBe('old.names');
    await ok('restart', 'app', 'new.names');
    expect((await askApp(max, 'new.names', '/0')).body).toBe('new.names');
    await ok('create', 'app', 'other.names');
    const { stdout } = await ok('update', 'app', 'other.names', '--stop-timeout', '3s');
    expect(stdout, 'there is nothing to restart').not.toContain('rig restart');
    await expectFailure(max.home, ['update', 'app', 'other.names', '--name', 'new', '--yes'], {
      code: 'RIG_NAME_TAKEN',
      exitCode: 5,
      message: /names has an app new already/,
      hint: /rig list apps --network names/,
    });

    // Its apps answer under the new name of their network, and their logs and releases are theirs.
    const before = await details('new.names');
    expect(await json<Network>('update', 'network', 'names', '--name', 'store', '--yes')).toEqual({
      network: 'store',
      hostname: 'store.localhost',
      changes: [{ setting: 'name', from: 'names', to: 'store', takesEffect: 'now' }],
    });
    expect((await askApp(max, 'new.names')).status).toBe(404);
    expect((await askApp(max, 'new.store', '/0')).status).toBe(200);
    const after = await details('new.store');
    expect(after.app).toMatchObject({ id: before.app.id, release: before.app.release });
    expect(after.logs.last).toEqual(before.logs.last);
    await expectFailure(max.home, ['update', 'network', 'names', '--name', 'x', '--yes'], {
      code: 'RIG_NETWORK_NOT_FOUND',
      exitCode: 3,
      message: /names/,
      hint: /rig list networks/,
    });
  });
});
