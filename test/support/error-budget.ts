import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { EXAMPLES } from './app.ts';
import type { Home } from './home.ts';
import { rigOk } from './rig.ts';

/** Builds the example of a panel as its README says, and links it. */
export async function linkErrorBudget(home: Home): Promise<void> {
  const example = join(EXAMPLES, 'error-budget');
  const dir = join(home.dir, 'plugins', 'error-budget');
  await build({
    entryPoints: [join(example, 'src/index.ts')],
    ...({ bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' } as const),
    outfile: join(dir, 'dist/index.js'),
  });
  await cp(join(example, 'package.json'), join(dir, 'package.json'));
  await rigOk(home, ['plugins', 'manifest', dir]);
  await rigOk(home, ['plugins', 'link', dir]);
}
