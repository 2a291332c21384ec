import assert from 'node:assert/strict';
import { startMax } from '../support/max.ts';
import { rigOk } from '../support/rig.ts';
import { holdersOfSecret, SECRET_SOURCES, tellingSecret, walkWithSecret } from '../support/secret-walk.ts';
import type { Line } from './line.ts';

/** A secret's value never appears. */
export const secretsStay: Line = {
  handoff: '3 → 4 resources',
  name: "a secret's value never appears in any output, log, error, event or crash file",
  async check() {
    // With reports and stacks on, as then most is said; and alone, as everything that it wrote is looked through.
    const max = await startMax({ RIG_DEBUG: '1' });
    try {
      const said = await walkWithSecret(max);
      assert.ok(said.filter(({ exitCode }) => exitCode !== 0).length > 20, 'too little of the walk failed');
      assert.deepEqual(tellingSecret(said), []);
      assert.deepEqual(holdersOfSecret(max.home.dir), SECRET_SOURCES);
      await rigOk(max.home, ['max', 'down']);
      assert.deepEqual(holdersOfSecret(max.home.dir), SECRET_SOURCES);
      return { value: said.length, unit: '', note: 'commands, and every file of rig and Max' };
    } finally {
      await max.stop();
    }
  },
};
