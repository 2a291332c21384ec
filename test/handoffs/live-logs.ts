import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { spawnRig } from '../support/rig.ts';
import type { Line } from './line.ts';

const LINES = 1000;
const APP = 'ticking.logs';

/** Begins to write when it is asked, so that the follower is there before the first line: each with the time of its writing. */
const SOURCE = answering(
  'ticking',
  `server.once('request', () => { let n = 0; const timer = setInterval(() => {
    console.log('tick ' + n + ' ' + (performance.timeOrigin + performance.now()));
    if (++n === ${LINES}) clearInterval(timer);
  }, 10); });`,
);

/** Logs show in real time. */
export const liveLogs: Line = {
  handoff: '4 → 5 operations',
  name: 'logs show in real time',
  async check({ max }) {
    await deploy(max, APP, await writeNodeApp(join(max.home.dir, 'ticking'), SOURCE));
    const follower = spawnRig(max.home, ['logs', 'app', APP, '-o', 'ndjson'], { timeout: 120_000 });
    try {
      const delays: number[] = [];
      let started = false;
      for await (const line of createInterface({ input: follower.stdout })) {
        const now = performance.timeOrigin + performance.now();
        if (!started) await askApp(max, APP);
        started = true;
        const tick = /tick (\d+) ([\d.]+)/.exec(line);
        if (tick === null) continue;
        assert.equal(Number(tick[1]), delays.length, 'a line is missing, or came twice');
        delays.push(now - Number(tick[2]));
        if (delays.length === LINES) break;
      }
      assert.equal(delays.length, LINES, 'the follower ended before the last line');
      delays.sort((a, b) => a - b);
      const at = (share: number): number => delays[Math.floor(delays.length * share)] as number;
      return {
        value: at(0.99),
        unit: 'ms',
        limit: 500,
        note: `p99 from the app's write to the follower's line; p50 ${at(0.5).toFixed(0)} ms`,
      };
    } finally {
      follower.kill('SIGINT');
      await follower;
    }
  },
};
