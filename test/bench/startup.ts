import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHome, type Home } from '../support/home.ts';
import { RIG, rigOk } from '../support/rig.ts';
import type { Figure } from './figure.ts';
import { type Command, paired } from './measure.ts';

const NODE: Command = { name: 'node -e 0', args: ['-e', '0'] };

const rig = (home: Home, ...args: string[]): Command => ({
  name: `rig ${args.join(' ')}`,
  args: [RIG, ...args],
  env: home.env,
});

/** Makes folders of plugins with five commands each, as their authors would have built them. */
export function makePlugins(dir: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `extra${i}`;
    const folder = join(dir, name);
    mkdirSync(join(folder, 'dist'), { recursive: true });
    const commands = Array.from({ length: 5 }, (_, j) => ({
      paths: [[name, `command${j}`]],
      description: `Command ${j} of plugin ${i}`,
      arguments: [],
      options: [{ names: ['--flag'], description: 'A flag' }],
      result: 'value',
    }));
    const manifest = {
      api: '1.0.0',
      name,
      version: '1.0.0',
      entry: 'dist/index.js',
      commands,
      taps: [],
      permissions: [],
      settings: {},
    };
    writeFileSync(join(folder, 'rig.manifest.json'), JSON.stringify(manifest));
    writeFileSync(
      join(folder, 'dist', 'index.js'),
      'throw new Error("a plugin was imported that nobody asked for");\n',
    );
    return folder;
  });
}

/** How long rig takes to start, against a Node that does nothing, and with a hundred plugins against none. */
export async function measureStartup(runs: number): Promise<Figure[]> {
  const home = createHome();
  const crowded = createHome();
  try {
    await rigOk(crowded, ['plugins', 'link', ...makePlugins(join(crowded.dir, 'extra'), 100)]);
    const against = (limit: number, ...args: string[]): Figure => {
      const { ratio, a, b } = paired(rig(home, ...args), NODE, Math.max(21, runs));
      return {
        name: `start-up: rig ${args.join(' ')} / node -e 0`,
        value: ratio,
        unit: '×',
        limit,
        note: `${a.toFixed(0)} ms / ${b.toFixed(0)} ms`,
      };
    };
    const figures = [
      against(1.15, '--version'),
      against(1.15, '--help'),
      against(1.15, 'create', 'app', '--help'),
      against(1.85, 'config', 'list'),
    ];
    const many = paired(rig(crowded, 'config', 'list'), rig(home, 'config', 'list'), Math.max(61, runs));
    figures.push({
      name: 'start-up: rig config list, 100 linked plugins / none',
      value: many.ratio,
      unit: '×',
      limit: 1.08,
      note: `${many.a.toFixed(0)} ms / ${many.b.toFixed(0)} ms`,
    });
    return figures;
  } finally {
    await home.remove();
    await crowded.remove();
  }
}
