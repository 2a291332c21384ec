import assert from 'node:assert/strict';
import { createHome } from '../support/home.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import type { Line } from './line.ts';

/** `rig login` authenticates with Max. */
export const authenticates: Line = {
  handoff: '1 → 2 foundation',
  name: 'rig login authenticates with Max',
  async check({ max }) {
    const home = createHome();
    try {
      const refused = await rig(home, ['login', '--server', max.url, '--token-stdin'], {
        input: 'max_api_this-is-no-token',
      });
      assert.equal(refused.exitCode, 4, 'a wrong token must be refused');
      assert.equal((await rig(home, ['list', 'networks'])).exitCode, 4, 'nobody is signed in yet');

      const before = performance.now();
      await rigOk(home, ['login', '--server', max.url, '--token-stdin'], { input: max.token });
      const value = performance.now() - before;
      assert.deepEqual(await rigJson(home, ['list', 'networks']), await rigJson(max.home, ['list', 'networks']));
      const me = await rigJson<{ server: string; source: string }>(home, ['whoami']);
      assert.deepEqual({ server: me.server, source: me.source }, { server: max.url, source: 'file' });

      await rigOk(home, ['logout']);
      assert.equal((await rig(home, ['list', 'networks'])).exitCode, 4, 'a logout must be one');
      return { value, unit: 'ms', note: 'from the start of rig login to its end' };
    } finally {
      await home.remove();
    }
  },
};
