import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy } from '../support/chaos-proxy.ts';
import type { RunningMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rigOk, spawnRig } from '../support/rig.ts';
import type { Line } from './line.ts';

const POLLS = 'Asking Max by HTTP until its socket delivers again';

/** Starts a command behind a proxy. */
function through(max: RunningMax, proxy: ChaosProxy, args: readonly string[]) {
  const env = { RIG_SERVER: proxy.url, RIG_TOKEN: max.token };
  const running = spawnRig(max.home, args, { env, timeout: 120_000 });
  const [out, err] = [running.stdout, running.stderr].map((one) => outputLines(one as NonNullable<typeof one>));
  return { running, out: out as NonNullable<typeof out>, err: err as NonNullable<typeof err> };
}

/** Milliseconds from the death of the socket. */
interface Times {
  /** Until the command has said so. */
  said: number;
  /** Until it has said that it polls, with the answer to its first question. */
  polls: number;
}

async function die(proxy: ChaosProxy, err: ReturnType<typeof through>['err']): Promise<Times> {
  const begun = performance.now();
  proxy.rule('socket', { blackHole: true });
  await err.find('The connection to Max is lost');
  const said = performance.now() - begun;
  await err.find(POLLS);
  return { said, polls: performance.now() - begun };
}

async function watches(max: RunningMax, proxy: ChaosProxy, app: string): Promise<Times> {
  const watch = through(max, proxy, ['status', 'app', app, '--watch']);
  try {
    await watch.out.find(/^release +v1$/);
    await proxy.opened('socket');
    await rigOk(max.home, ['restart', 'app', app]);
    await watch.out.find(/^release +v2$/);
    const said = await die(proxy, watch.err);
    await rigOk(max.home, ['restart', 'app', app]);
    await watch.out.find(/^release +v3$/);
    proxy.rule('socket', {});
    await watch.err.find('Connected again');
    await rigOk(max.home, ['restart', 'app', app]);
    await watch.out.find(/^release +v4$/);
    return said;
  } finally {
    watch.running.kill('SIGINT');
    await watch.running;
  }
}

async function deploys(max: RunningMax, proxy: ChaosProxy, app: string): Promise<Times> {
  const go = join(max.home.dir, 'go-on');
  const build = `echo begun; node -e "const t=setInterval(()=>{if(require('fs').existsSync('${go}'))clearInterval(t)},50)"; echo built`;
  const dir = await writeNodeApp(join(max.home.dir, 'slow-build'), answering('slow'), { build });
  const run = through(max, proxy, ['deploy', dir, '--app', app, '--create']);
  await run.err.find(/^begun$/);
  const said = await die(proxy, run.err);
  proxy.rule('socket', {});
  await run.err.find('Connected again');
  assert.ok(!existsSync(go));
  await writeFile(go, '');
  const { exitCode, stderr } = await run.running;
  assert.equal(exitCode, 0, String(stderr));
  return said;
}

/** A socket that takes everything and gives nothing. */
export const deadSocket: Line = {
  handoff: '3 → 4 resources',
  name: 'a dead socket is said within 10 s and `status --watch` and `deploy` fall back to polling, and recover',
  async check({ max }) {
    const app = 'watched.dead';
    await deploy(max, app, await writeNodeApp(join(max.home.dir, 'watched'), answering('watched')));
    const proxy = await ChaosProxy.to(max.port);
    try {
      const [watched, deployed] = [await watches(max, proxy, app), await deploys(max, proxy, 'slow.dead')];
      const ms = ({ said, polls }: Times): string => `${Math.round(said)} and ${Math.round(polls)} ms`;
      const note = `until it was said; said and polling: status ${ms(watched)}, deploy ${ms(deployed)}`;
      return { value: Math.round(Math.max(watched.said, deployed.said)), unit: 'ms', limit: 10_000, note };
    } finally {
      await proxy.close();
    }
  },
};
