import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureCommand } from './command/index.ts';
import { measureDashboard } from './dashboard.ts';
import { measureDeploySize } from './deploy-size.ts';
import { accept, type Figure, optionOf, report } from './figure.ts';
import { measureLists } from './lists.ts';
import { measureLive } from './live/index.ts';
import { measureMemory } from './memory.ts';
import { measureMetrics } from './metrics.ts';
import { measureRouter } from './router.ts';
import { measureForward } from './session/forward.ts';
import { measureShell } from './shell/index.ts';
import { measureStartup } from './startup.ts';

// npm run bench [-- --accept] [--json FILE] [--only NAME] [--runs N]
const ACCEPTED = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks', 'bench.json');

const args = process.argv.slice(2);
const option = (name: string): string | undefined => optionOf(args, name);
const runs = Number(option('--runs') ?? 21);
const only = option('--only');

const parts: Record<string, (runs: number) => Promise<Figure[]>> = {
  startup: measureStartup,
  memory: (n) => measureMemory(Math.min(n, 5)),
  'deploy-size': measureDeploySize,
  forward: (n) => measureForward(Math.min(n, 15)),
  lists: (n) => measureLists(Math.min(n, 11)),
  live: (n) => measureLive(Math.min(n, 5)),
  dashboard: () => measureDashboard(),
  metrics: (n) => measureMetrics(Math.min(n, 3)),
  command: (n) => measureCommand(Math.min(n, 5)),
  router: (n) => measureRouter(Math.min(n, 5)),
  shell: (n) => measureShell(Math.min(n, 5)),
};
if (only !== undefined && parts[only] === undefined) {
  console.error(`error: there is no part ${JSON.stringify(only)}; there are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) if (!only || only === name) figures.push(...(await measure(runs)));

const good = report(figures, ACCEPTED);
const file = option('--json');
if (file) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
if (args.includes('--accept')) accept(figures, ACCEPTED);
process.exitCode = good ? 0 : 1;
