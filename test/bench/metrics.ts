import type { AppStatus, Deployment } from '@rig/plugin-api/max';
import { MeasuringMax } from '../unit/max/metrics/metrics-kit.ts';
import type { Figure } from './figure.ts';
import { median } from './measure.ts';
import { cpuOfProcess } from './process-cpu.ts';
import { residentOfProcess } from './process-memory.ts';

/** As many as Max runs of a process type. */
const EACH = 32;
const APPS = 16;
const INSTANCES = APPS * EACH;
/** Of each look; longer than the looks at sockets are apart. */
const SECONDS = 10;

/** A process that does nothing. */
const TREE = { Procfile: 'worker: sleep 100000\n' };

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await wait(500);
}

/** Percent of a core that Max uses while nobody asks it anything; the median of some looks. */
async function share(max: MeasuringMax, runs: number): Promise<number> {
  const shares: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [before, began] = [cpuOfProcess(max.pid), performance.now()];
    await wait(SECONDS * 1000);
    shares.push(((cpuOfProcess(max.pid) - before) * 100_000) / (performance.now() - began));
  }
  return median(shares);
}

/** Makes apps and runs so many instances of each. */
async function fill(max: MeasuringMax): Promise<void> {
  for (let index = 1; index <= APPS; index += 1) {
    const name = `app-${index}`;
    await max.create(name);
    await max.deploy(name, TREE);
    const base = `/v1/networks/net/apps/${name}`;
    const { status, json, text } = await max.ask('POST', `${base}/scale`, { json: { formation: { worker: EACH } } });
    if (status !== 202) throw new Error(`${name} was not scaled: ${text}`);
    const { id } = json as Deployment;
    await until(async () => {
      const { state, failure } = (await max.ask('GET', `${base}/deployments/${id}`)).json as Deployment;
      if (failure !== null) throw new Error(`${name} was not scaled: ${failure.reason}`);
      return state === 'healthy';
    });
  }
}

async function healthy(max: MeasuringMax): Promise<boolean> {
  let count = 0;
  for (let index = 1; index <= APPS; index += 1) {
    const { json } = await max.ask('GET', `/v1/networks/net/apps/app-${index}/status`);
    count += (json as AppStatus).instances.filter(({ state }) => state === 'healthy').length;
  }
  return count === INSTANCES;
}

/** What it costs Max to take the figures of many instances each second: beside a Max that takes none. */
export async function measureMetrics(runs: number): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const max = new MeasuringMax();
  const figures: Record<string, { cpu: number; memory: number }> = {};
  try {
    await max.start({ sampleMs: 1000, minuteMs: 60_000 });
    await fill(max);
    for (const [name, sampleMs] of [
      ['on', 1000],
      // It begins with the first full interval.
      ['off', 1000 * 60 * 60 * 24 * 20],
    ] as const) {
      await max.end('SIGKILL');
      await max.start({ sampleMs, minuteMs: sampleMs * 60 });
      await until(() => healthy(max));
      // What a start leaves behind is done by then.
      await wait(5000);
      const cpu = await share(max, runs);
      figures[name] = { cpu, memory: residentOfProcess(max.pid) ?? 0 };
    }
  } finally {
    await max.remove();
  }
  const { on, off } = figures as Record<'on' | 'off', { cpu: number; memory: number }>;
  return [
    {
      name: `metrics: Max's CPU for ${INSTANCES} instances at 1 Hz`,
      value: on.cpu - off.cpu,
      unit: '%',
      limit: 5,
      note: `of a core; ${on.cpu.toFixed(1)} % with, ${off.cpu.toFixed(1)} % without`,
    },
    {
      name: `metrics: Max's memory for ${INSTANCES} instances at 1 Hz`,
      value: on.memory - off.memory,
      unit: 'MiB',
      note: `${on.memory.toFixed(0)} MiB with, ${off.memory.toFixed(0)} MiB without, after a minute`,
    },
  ];
}
