import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy } from '../support/chaos-proxy.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { makePlugin } from '../support/plugin.ts';
import { rigInTerminal } from '../support/pty.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

let max: RunningMax;
let proxy: ChaosProxy;
beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'api.one', await writeNodeApp(join(max.home.dir, 'api'), answering('hi')));
});
afterAll(() => max.stop());
beforeEach(async () => {
  proxy = await ChaosProxy.to(max.port);
});
afterEach(() => proxy.close());

/** Where the client finds Max: behind the proxy. */
const through = (): Record<string, string> => ({ RIG_SERVER: proxy.url, RIG_TOKEN: max.token });

function start(args: readonly string[]) {
  const running = spawnRig(max.home, args, { env: through() });
  const [out, err] = [running.stdout, running.stderr].map((stream) =>
    outputLines(stream as NonNullable<typeof stream>),
  );
  return { running, out: out as NonNullable<typeof out>, err: err as NonNullable<typeof err> };
}

const stopped = async ({ running }: ReturnType<typeof start>): Promise<void> => {
  running.kill('SIGINT');
  expect((await running).exitCode).toBe(130);
};

describe('rig events', () => {
  test('shows what happens as it happens, each event once over cut connections and a Max that is killed', async () => {
    const follower = start(['events', '--network', 'one', '-o', 'ndjson', '--after', '0']);
    await follower.out.find('app.created');
    const names = Array.from({ length: 6 }, (_, i) => `ev-${i}`);
    for (const [i, name] of names.entries()) {
      await rigOk(max.home, ['create', 'app', name, '--network', 'one']);
      if (i === 2) {
        const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
        process.kill(pid, 'SIGKILL');
        await rigOk(max.home, ['max', 'up']);
      } else proxy.cut('socket', i % 2 === 0 ? 'reset' : 'half-client');
    }
    await follower.out.find(`${names.at(-1)}.one was created`);
    const events = follower.out.all.map((line) => JSON.parse(line) as { seq: number; type: string; app: string });
    const seqs = events.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(
      events.filter(({ app, type }) => app?.startsWith('ev-') && type === 'app.created').map(({ app }) => app),
    ).toEqual(names);
    await stopped(follower);
  });

  test('picks by app and type, and ends when the app is deleted', async () => {
    await rigOk(max.home, ['create', 'app', 'gone', '--network', 'one']);
    const follower = start(['events', '--app', 'gone.one', '--type', 'app', '--after', '0']);
    await follower.out.find('app gone.one was created');
    await rigOk(max.home, ['delete', 'app', 'gone.one', '--yes']);
    const { exitCode } = await follower.running;
    expect(exitCode).toBe(0);
    expect(follower.out.all.at(-1)).toMatch(/^\d{4}-\S+ app\.deleted +app gone\.one was deleted$/);
  });

  test('over a dead socket says so, goes on by HTTP, and recovers', async () => {
    const follower = start(['events', '--network', 'one', '--type', 'app.created']);
    await proxy.opened('socket');
    await rigOk(max.home, ['create', 'app', 'lit', '--network', 'one']);
    await follower.out.find('app lit.one was created');
    proxy.rule('socket', { blackHole: true });
    await follower.err.find('The connection to Max is lost (Max has fallen silent)');
    await follower.err.find('Asking Max by HTTP until its socket delivers again');
    await rigOk(max.home, ['create', 'app', 'dark', '--network', 'one']);
    await follower.out.find('app dark.one was created');
    proxy.rule('socket', {});
    await follower.err.find('Connected again');
    await rigOk(max.home, ['create', 'app', 'light', '--network', 'one']);
    await follower.out.find('app light.one was created');
    await stopped(follower);
    expect(follower.out.all.map((line) => line.split('  ').at(-1)?.trim().split(' ')[1])).toEqual([
      'lit.one',
      'dark.one',
      'light.one',
    ]);
  });

  test('where no socket can be made at all goes on by HTTP, and says when one can', async () => {
    proxy.rule('socket', { blackHole: true });
    const follower = start(['events', '--network', 'one', '--type', 'app']);
    await follower.err.find('Asking Max by HTTP until its socket delivers again');
    await rigOk(max.home, ['create', 'app', 'unseen', '--network', 'one']);
    await follower.out.find('app unseen.one was created');
    proxy.rule('socket', {});
    await follower.err.find('The socket of Max delivers: no longer asking by HTTP');
    await stopped(follower);
  });

  test('without following: what has happened, as lines or as one document', async () => {
    for (const app of ['first', 'then']) await rigOk(max.home, ['create', 'app', app, '--network', 'one']);
    const of = ['events', '--network', 'one', '--type', 'app.created'];
    const all = await rigJson<Array<{ seq: number; app: string }>>(max.home, of);
    expect(all.slice(-2).map(({ app }) => app)).toEqual(['first', 'then']);
    const last = (await rigOk(max.home, [...of, '--no-follow', '--limit', '1'])).stdout.trim().split('\n');
    expect(last).toEqual([expect.stringMatching(/app\.created +app then\.one was created$/)]);
    const after = [...of, '--after', String((all.at(-2) as { seq: number }).seq)];
    expect(await rigJson(max.home, after)).toEqual(all.slice(-1));
  });

  test('of what is not there, and with options that mean nothing, says so', async () => {
    expect(await rig(max.home, ['events', '--app', 'none.one'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('RIG_APP_NOT_FOUND') as string,
    });
    for (const args of [
      ['--follow', '-o', 'json'],
      ['--limit', '3'],
    ])
      expect(await rig(max.home, ['events', ...args])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(args[0] === '--follow' ? 'RIG_FOLLOW_FORM' : '--no-follow') as string,
      });
    expect(await rig(max.home, ['events', '--type', '???'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('RIG_BAD_OPTION') as string,
    });
  });
});

describe('rig status --watch', () => {
  test('a record for each change with ndjson', async () => {
    const watch = start(['status', 'network', 'one', '--watch', '-o', 'ndjson']);
    await watch.out.find('"name":"one"');
    await proxy.opened('socket');
    await rigOk(max.home, ['create', 'app', 'shown', '--network', 'one']);
    await watch.out.find('"name":"shown"');
    await stopped(watch);
  });

  test('over a dead socket says so, goes on by HTTP, and recovers', async () => {
    const watch = start(['status', 'app', 'api.one', '--watch']);
    await proxy.opened('socket');
    // A change that comes through: the socket delivers.
    await rigOk(max.home, ['restart', 'app', 'api.one']);
    await watch.out.find(/^release +v2$/);
    proxy.rule('socket', { blackHole: true });
    await watch.err.find('The connection to Max is lost (Max has fallen silent)');
    await watch.err.find('Asking Max by HTTP until its socket delivers again');
    await rigOk(max.home, ['restart', 'app', 'api.one']);
    await watch.out.find(/^release +v3$/);
    proxy.rule('socket', {});
    await watch.err.find('Connected again');
    await rigOk(max.home, ['restart', 'app', 'api.one']);
    await watch.out.find(/^release +v4$/);
    await stopped(watch);
  });

  test('goes on under another name of the app or of its network', async () => {
    await rigOk(max.home, ['create', 'network', 'before']);
    await rigOk(max.home, ['create', 'app', 'moves', '--network', 'before']);
    const app = start(['status', 'app', 'moves.before', '--watch']);
    const network = start(['status', 'network', 'before', '--watch', '-o', 'ndjson']);
    await app.out.find(/^app +moves\.before$/);
    await network.out.find('"name":"before"');
    await rigOk(max.home, ['update', 'network', 'before', '--name', 'after', '--yes']);
    await app.err.find('moves.before is moves.after from now on');
    await app.out.find(/^app +moves\.after$/);
    await network.out.find('"name":"after"');
    await rigOk(max.home, ['update', 'app', 'moves.after', '--name', 'moved', '--yes']);
    await app.out.find(/^app +moved\.after$/);
    await stopped(app);
    await stopped(network);
  });

  test('is drawn in the same place on a terminal, and refused as one document', async () => {
    // A network of its own: a taller picture than the terminal is cut.
    await rigOk(max.home, ['create', 'network', 'small']);
    const drawn = rigInTerminal(max.home, ['status', 'network', 'small', '--watch']);
    await drawn.shows('hostname');
    await rigOk(max.home, ['create', 'app', 'drawn', '--network', 'small']);
    await drawn.shows('app drawn.small was created');
    expect(drawn.screen).toMatch(/\x1b\[\d+A\r\x1b\[J/);
    drawn.type('\x03');
    expect((await drawn.ended).exitCode).toBe(130);
    expect(await rig(max.home, ['status', 'app', 'api.one', '--watch', '-o', 'json'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('RIG_FOLLOW_FORM') as string,
    });
  });
});

describe('rig deploy', () => {
  test('over a dead socket says so, goes on by HTTP, and ends with the release', async () => {
    const release = join(max.home.dir, 'release');
    const waits = `echo begun; node -e "const t=setInterval(()=>{if(require('fs').existsSync('${release}'))clearInterval(t)},50)"`;
    const dir = await writeNodeApp(join(max.home.dir, 'waits'), answering('hi'), { build: waits });
    const run = start(['deploy', dir, '--app', 'waits.one', '--create']);
    // A line of the build's log: the socket delivers.
    await run.err.find(/^begun$/);
    proxy.rule('socket', { blackHole: true });
    await run.err.find('The connection to Max is lost');
    await run.err.find('Asking Max by HTTP until its socket delivers again');
    await writeNodeApp(release, '');
    const { exitCode, stderr } = await run.running;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(run.out.all.join('\n')).toContain('v1');
  });

  test('where no socket can be made at all says so and goes on by HTTP', async () => {
    proxy.rule('socket', { blackHole: true });
    const dir = await writeNodeApp(join(max.home.dir, 'plain'), answering('hi'), { build: 'sleep 4' });
    const run = start(['deploy', dir, '--app', 'plain.one', '--create']);
    await run.err.find('Asking Max by HTTP until its socket delivers again');
    expect((await run.running).exitCode).toBe(0);
  });
});

describe('a plugin', () => {
  test('is told of the socket and of the events that its manifest asks for, and loaded for no others', async () => {
    const log = join(max.home.dir, 'told');
    const dir = await makePlugin(
      max.home,
      'listens',
      `import { appendFileSync } from 'node:fs';
       import { definePlugin, eventReceived, on, socketState } from '@rig/plugin-api';
       const say = (value) => appendFileSync(${JSON.stringify(log)}, JSON.stringify(value) + '\\n');
       export default definePlugin({ name: 'listens', permissions: ['socket'], taps: [
         on(socketState, ({ state }) => say(state)),
         on(eventReceived, ({ topic, events }) => say(events.map(({ payload }) => payload.text)), {
           when: { topic: 'network:*', event: 'event', type: 'app.*' },
         }),
       ] });`,
    );
    await rigOk(max.home, ['plugins', 'link', dir]);
    const follower = start(['events', '--network', 'one', '--type', 'network']);
    await proxy.opened('socket');
    await rigOk(max.home, ['create', 'app', 'told', '--network', 'one']);
    await expect
      .poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 60_000 })
      .toContain('["app told.one was created"]');
    await stopped(follower);
    await rigOk(max.home, ['plugins', 'unlink', 'listens']);
    const told = (await readFile(log, 'utf8')).trim().split('\n');
    expect(told.slice(0, 2)).toEqual(['"connecting"', '"open"']);
    expect(told.at(-1)).toBe('"closed"');
  });
});
