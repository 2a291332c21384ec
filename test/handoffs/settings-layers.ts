import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHome } from '../support/home.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import type { Line } from './line.ts';

interface Setting {
  key: string;
  value: unknown;
  layer: string;
}

/** Settings load from every layer, in order. */
export const settingsLayers: Line = {
  handoff: '1 → 2 foundation',
  name: 'settings load from every layer, in order',
  async check() {
    const home = createHome();
    try {
      const project = join(home.dir, 'project');
      const inside = join(project, 'a', 'b');
      const user = join(home.dir, 'config', 'rig', 'config.json');
      const system = join(home.dir, 'system', 'rig', 'config.json');
      for (const dir of [inside, join(user, '..'), join(system, '..')]) mkdirSync(dir, { recursive: true });
      const contexts = Object.fromEntries(
        ['by-flag', 'by-environment', 'by-project', 'by-user', 'by-system'].map((name) => [
          name,
          { server: 'http://127.0.0.1:1' },
        ]),
      );
      writeFileSync(system, JSON.stringify({ context: 'by-system', contexts }));
      writeFileSync(user, JSON.stringify({ context: 'by-user' }));
      writeFileSync(join(project, '.rigrc'), JSON.stringify({ context: 'by-project' }));

      const seen = new Set<string>();
      /** What decides on a setting now, and from which layer. */
      const decides = async (
        key: string,
        args: string[] = [],
        env: Record<string, string> = {},
      ): Promise<[unknown, string]> => {
        const options = { cwd: inside, env };
        const all = await rigJson<Setting[]>(home, ['config', 'list', '--show-origin', ...args], options);
        const found = all.find((setting) => setting.key === key);
        assert(found, `rig config list has no "${key}"`);
        seen.add(found.layer);
        return [found.value, found.layer];
      };
      const environment = { RIG_CONTEXT: 'by-environment' };
      // From the nearest layer to the farthest: each is taken away once it was seen to decide.
      assert.deepEqual(await decides('context', ['--context', 'by-flag'], environment), ['by-flag', 'flag']);
      assert.deepEqual(await decides('context', [], environment), ['by-environment', 'environment']);
      assert.deepEqual(await decides('context'), ['by-project', 'project']);
      rmSync(join(project, '.rigrc'));
      assert.deepEqual(await decides('context'), ['by-user', 'user']);
      await rigOk(home, ['config', 'unset', 'context']);
      assert.deepEqual(await decides('context'), ['by-system', 'system']);
      rmSync(system);
      assert.equal((await rig(home, ['config', 'get', 'context'])).exitCode, 3, 'no layer has a value');
      // A setting with a default, the last of all layers.
      assert.deepEqual(await decides('output', [], { RIG_OUTPUT: 'json' }), ['json', 'environment']);
      assert.deepEqual(await decides('output'), ['table', 'default']);
      return { value: seen.size, unit: '', note: `layers: ${[...seen].join(', ')}` };
    } finally {
      await home.remove();
    }
  },
};
