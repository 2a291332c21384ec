import { Agent, get } from 'node:http';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigOk } from '../support/rig.ts';
import { rigOnScreen } from '../support/terminal.ts';
import type { Figure } from './figure.ts';
import { cpuOfProcess } from './process-cpu.ts';
import { peakOfProcess } from './process-memory.ts';

const APPS = 500;
const SECONDS = 30;
/** What a start leaves behind is done by then. */
const SETTLE_MS = 5000;
const CPU_LIMIT = 15;
const MEMORY_LIMIT = 150;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nameOf = (index: number): string => `app-${String(index).padStart(3, '0')}`;

async function makeApps(max: RunningMax): Promise<void> {
  await rigOk(max.home, ['create', 'network', 'shop']);
  const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
  for (let index = 0; index < APPS; index++) {
    const body = JSON.stringify({ name: nameOf(index) });
    const { status } = await fetch(`${max.url}/v1/networks/shop/apps`, { method: 'POST', headers, body });
    if (status !== 201) throw new Error(`app ${index} was not made: ${status}`);
  }
}

/** Asks each app about once a second, so that every row changes with every sample; gives the function that ends it. */
function askAll(max: RunningMax): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let next = 0;
  const timer = setInterval(() => {
    for (let count = 0; count < APPS / 50; count++) {
      const host = `${nameOf(next++ % APPS)}.shop.localhost`;
      get({ host: '127.0.0.1', port: max.port, headers: { host }, agent }, (answer) => answer.resume()).on(
        'error',
        () => {},
      );
    }
  }, 20);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

/** Percent of a core, MiB at most and kB drawn a second of a dashboard that somebody looks at; `keys` are pressed first. */
async function look(
  max: RunningMax,
  columns: number,
  rows: number,
  keys: string,
): Promise<{ cpu: number; memory: number; written: number }> {
  const screen = rigOnScreen(max.home, ['dashboard'], { columns, rows, env: { LANG: 'C.UTF-8' } });
  try {
    await screen.shows(/500 apps[\s\S]*[1-9]\d* req\/s/);
    screen.type(keys);
    await wait(SETTLE_MS);
    const { pid } = screen.pty;
    const [before, drawn, began] = [cpuOfProcess(pid), screen.bytes.length, performance.now()];
    await wait(SECONDS * 1000);
    const cpu = ((cpuOfProcess(pid) - before) * 100_000) / (performance.now() - began);
    await screen.shows('● live');
    const written = (screen.bytes.length - drawn) / SECONDS / 1000;
    return { cpu, memory: peakOfProcess(pid) ?? 0, written };
  } finally {
    await screen.close();
  }
}

/** What the dashboard costs whoever looks at it, with many apps whose figures change each second. */
export async function measureDashboard(): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const max = await startMax();
  const figures: Figure[] = [];
  let stop = (): void => {};
  try {
    await makeApps(max);
    stop = askAll(max);
    for (const [columns, rows, keys, how] of [
      [80, 24, '', 'by name'],
      [200, 60, 'ss', 'by requests'],
    ] as const) {
      const { cpu, memory, written } = await look(max, columns, rows, keys);
      const of = `${APPS} apps at 1 Hz, ${columns}×${rows}`;
      const note = `of a core over ${SECONDS} s, sorted ${how}; ${written.toFixed(1)} kB a second drawn`;
      figures.push({ name: `dashboard: CPU of ${of}`, value: cpu, unit: '%', limit: CPU_LIMIT, note });
      figures.push({
        name: `dashboard: memory of ${of}`,
        value: memory,
        unit: 'MiB',
        limit: MEMORY_LIMIT,
        note: 'at most',
      });
    }
  } finally {
    stop();
    await max.stop();
  }
  return figures;
}
