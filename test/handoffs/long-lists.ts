import assert from 'node:assert/strict';
import { join } from 'node:path';
import { compareWithCurl, manyVars } from '../bench/lists.ts';
import { createApps } from '../support/many.ts';
import { startMax } from '../support/max.ts';
import { rigOk } from '../support/rig.ts';
import { hasTools } from '../support/tools.ts';
import type { Line } from './line.ts';

const handoff = '3 → 4 resources';

/** 1,000 apps list about as fast as curl gets them. */
export const manyApps: Line = {
  handoff,
  name: '1,000 apps list in ≤ 2 × curl of the same pages',
  async check() {
    assert.ok(hasTools('curl'), 'curl is not installed: apt-get install curl');
    const max = await startMax();
    try {
      await rigOk(max.home, ['create', 'network', 'many']);
      await createApps(max, 'many', 1000);
      return compareWithCurl(max, 11)[0];
    } finally {
      await max.stop();
    }
  },
};

/** 10,000 vars go in one request. */
export const manyVarsAtOnce: Line = {
  handoff,
  name: '10,000 vars go in one request with the client ≤ 120 MiB',
  async check() {
    const max = await startMax();
    try {
      await rigOk(max.home, ['create', 'network', 'many']);
      await rigOk(max.home, ['create', 'app', 'vars.many']);
      const [figure] = await manyVars(max, 'vars.many');
      const again = ['create', 'var', '--from-file', join(max.home.dir, 'many.env'), '--app', 'vars.many', '--verbose'];
      const { stderr } = await rigOk(max.home, again);
      assert.equal(stderr.match(/^POST /gm)?.length, 1, stderr);
      return figure;
    } finally {
      await max.stop();
    }
  },
};
