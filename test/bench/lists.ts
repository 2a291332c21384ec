import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApps } from '../support/many.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { RIG, rigOk } from '../support/rig.ts';
import { hasTools } from '../support/tools.ts';
import type { Figure } from './figure.ts';
import { median, plainEnv, runMeasured } from './measure.ts';

const APPS = 1000;
const VARS = 10_000;

interface Page {
  items: unknown[];
  next: string | null;
}

function curl(max: RunningMax, paths: readonly string[]): string {
  const urls = paths.map((path) => `${max.url}${path}`);
  const { status, stdout, stderr } = spawnSync(
    'curl',
    ['-sS', '--fail', '-H', `authorization: Bearer ${max.token}`, ...urls],
    { env: plainEnv(), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(`curl ended with ${status}: ${stderr}`);
  return stdout;
}

/** Follows the cursors as a script has to, as where the next page begins stands in this one: a curl for each. */
function curlPages(max: RunningMax): string[] {
  const paths: string[] = [];
  let items = 0;
  for (let next: string | null = ''; next !== null; ) {
    const path: string = next === '' ? '/v1/apps' : `/v1/apps?cursor=${encodeURIComponent(next)}`;
    const page = JSON.parse(curl(max, [path])) as Page;
    paths.push(path);
    items += page.items.length;
    next = page.next;
  }
  if (items !== APPS) throw new Error(`curl got ${items} apps`);
  return paths;
}

const timed = (action: () => unknown): number => {
  const begun = performance.now();
  action();
  return performance.now() - begun;
};

/** What `rig list apps` of 1,000 apps takes against curl, which asks for the same pages with the same kind of token. */
export function compareWithCurl(max: RunningMax, runs: number): Figure[] {
  const env = { ...max.home.env, RIG_TOKEN: max.token, RIG_SERVER: max.url };
  const command = { name: 'rig list apps', args: [RIG, 'list', 'apps', '-o', 'json'], env };
  const list = (): void => {
    const apps = JSON.parse(runMeasured(command).stdout) as unknown[];
    if (apps.length !== APPS) throw new Error(`rig listed ${apps.length} apps`);
  };
  const known = curlPages(max);
  list();
  const rounds = Array.from({ length: runs }, (_, round) => {
    const steps = { rig: list, pages: () => curlPages(max), once: () => curl(max, known) };
    const order = Object.entries(steps);
    if (round % 2 === 1) order.reverse();
    return Object.fromEntries(order.map(([name, step]) => [name, timed(step)])) as Record<keyof typeof steps, number>;
  });
  const middle = (of: 'rig' | 'pages' | 'once'): number => median(rounds.map((round) => round[of]));
  const ratio = (to: 'pages' | 'once'): number => median(rounds.map((round) => round.rig / round[to]));
  const rig = middle('rig').toFixed(0);
  return [
    {
      name: `rig list apps -o json, ${APPS} of them / curl of the same pages`,
      value: ratio('pages'),
      unit: '×',
      limit: 2,
      note: `${rig} ms / ${middle('pages').toFixed(0)} ms, a curl for each of ${known.length} pages, as its cursor is in the page before`,
    },
    {
      name: `rig list apps -o json, ${APPS} of them / one curl that is told all cursors`,
      value: ratio('once'),
      unit: '×',
      note: `${rig} ms / ${middle('once').toFixed(0)} ms, over one connection`,
    },
  ];
}

/** Memory of `rig create var` and `rig list vars` with 10,000 vars at once. */
export async function manyVars(max: RunningMax, app: string): Promise<Figure[]> {
  const file = join(max.home.dir, 'many.env');
  writeFileSync(
    file,
    Array.from({ length: VARS }, (_, i) => `VAR_${i}="value number ${i} ${'x'.repeat(60)}"\n`).join(''),
  );
  const run = (name: string, ...args: string[]): Figure & { stdout: string } => {
    const { peak, ms, stdout } = runMeasured({
      name,
      args: [RIG, ...args, '--app', app, '-o', 'json'],
      env: max.home.env,
    });
    return {
      name: `${name}: client's peak memory`,
      value: peak,
      unit: 'MiB',
      limit: 120,
      note: `${ms.toFixed(0)} ms`,
      stdout,
    };
  };
  const { stdout: made, ...creating } = run(
    `rig create var, ${VARS} in one request`,
    'create',
    'var',
    '--from-file',
    file,
  );
  const { stdout: listed, ...listing } = run(`rig list vars, ${VARS} of them`, 'list', 'vars');
  const set = (JSON.parse(made) as { set: string[] }).set.length;
  const vars = (JSON.parse(listed) as unknown[]).length;
  if (set !== VARS || vars !== VARS) throw new Error(`${set} vars were set and ${vars} listed`);
  return [creating, listing];
}

/** Long lists: 1,000 apps and 10,000 vars. */
export async function measureLists(runs: number): Promise<Figure[]> {
  const max = await startMax();
  try {
    await rigOk(max.home, ['create', 'network', 'bench']);
    await createApps(max, 'bench', APPS);
    const figures = await manyVars(max, 'app-1.bench');
    if (hasTools('curl')) return [...compareWithCurl(max, runs), ...figures];
    console.error('bench: curl is not installed; rig list apps is compared with nothing (apt-get install curl)');
    return figures;
  } finally {
    await max.stop();
  }
}
