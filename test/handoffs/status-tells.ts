import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AppStatus } from '@rig/plugin-api/max';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import type { Line } from './line.ts';

const APP = 'told.status';

/** Status tells how an app fares. */
export const statusTells: Line = {
  handoff: '3 → 4 resources',
  name: 'status tells health, instances, release, URL, last events',
  async check({ max }) {
    const status = (): Promise<AppStatus> => rigJson<AppStatus>(max.home, ['status', 'app', APP]);
    const dir = join(max.home.dir, 'told');
    const source = answering('hello', "if (process.env.CRASH) throw new Error('asked to crash')");
    const url = `http://told.status.localhost:${max.port}`;

    await rigOk(max.home, ['create', 'network', 'status']);
    await rigOk(max.home, ['create', 'app', APP]);
    const empty = await status();
    assert.deepEqual([empty.app.state, empty.app.release, empty.instances.length], ['empty', null, 0]);

    await deploy(max, APP, await writeNodeApp(dir, source));
    await rigOk(max.home, ['scale', 'app', APP, '--instances', '2']);
    const running = await status();
    assert.deepEqual([running.app.state, running.app.url], ['running', url]);
    assert.equal(running.instances.length, 2);
    for (const { state, release, pid, port } of running.instances) {
      assert.deepEqual([state, release], ['healthy', running.app.release]);
      assert.ok(pid !== null && port !== null);
      process.kill(pid, 0);
    }
    assert.equal((await askApp(max, APP)).body, 'hello');
    assert.ok(running.events.length > 0 && running.events.length <= 10);
    assert.ok(running.events.some(({ type, text }) => type.startsWith('app.') && text.includes(APP)));
    const times = running.events.map(({ at }) => at);
    assert.deepEqual(times, [...times].sort().reverse(), 'the newest event is first');

    const table = (await rigOk(max.home, ['status', 'app', APP])).stdout;
    for (const told of ['running', `v${running.app.release}`, url, 'web.1', 'web.2', 'healthy', times[0]?.slice(0, 10)])
      assert.ok(told !== undefined && table.includes(told), `the table lacks ${told}:\n${table}`);

    // A release that never gets healthy leaves the old one, and status says both.
    assert.equal((await rig(max.home, ['create', 'var', 'CRASH=1', '--app', APP])).exitCode, 1);
    const after = await status();
    assert.deepEqual([after.app.state, after.app.release], ['running', running.app.release]);
    assert.equal(after.deployment?.state, 'failed');
    assert.ok((after.deployment.reason ?? '').length > 10, 'a failed deployment has its reason in status');

    // An instance that ends is told too, until it is there again.
    const [first] = after.instances;
    assert.ok(first?.pid);
    process.kill(first.pid, 'SIGKILL');
    const began = performance.now();
    for (;;) {
      const { instances } = await status();
      const again = instances.find(({ name }) => name === first.name);
      if (again?.restarts === first.restarts + 1 && again.state === 'healthy') {
        assert.equal(again.lastExit, 'SIGKILL');
        assert.notEqual(again.pid, first.pid);
        return {
          value: performance.now() - began,
          unit: 'ms',
          note: 'from the kill of an instance to its next in status',
        };
      }
      assert.ok(performance.now() - began < 30_000, `not told: ${JSON.stringify(again)}`);
    }
  },
};
