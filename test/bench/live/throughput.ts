import { startReferenceProcess } from '../../conformance/reference-process.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { startChild } from './child.ts';

const EVENTS = 100_000;

async function eventsPerSecond(port: number, mode: 'service' | 'official'): Promise<number> {
  const child = startChild('throughput-client.ts', [String(port), mode, String(EVENTS)]);
  try {
    return EVENTS / ((await child.hear<number>()) / 1000);
  } finally {
    await child.end();
  }
}

/** Events a second of one channel through services.socket(), beside the bare official client, in turn. */
export async function measureThroughput(rounds: number): Promise<Figure[]> {
  const server = await startReferenceProcess();
  const runs: Array<{ service: number; official: number }> = [];
  try {
    await eventsPerSecond(server.port, 'official');
    for (let round = 0; round < rounds; round += 1) {
      const run = { service: 0, official: 0 };
      const order = ['service', 'official'] as const;
      for (const mode of round % 2 === 0 ? order : [...order].reverse())
        run[mode] = await eventsPerSecond(server.port, mode);
      runs.push(run);
    }
  } finally {
    await server.end('SIGTERM');
  }
  const [service, official] = (['service', 'official'] as const).map((mode) => median(runs.map((run) => run[mode])));
  return [
    {
      name: 'live: events/s of the bare phoenix client / of services.socket()',
      value: median(runs.map((run) => run.official / run.service)),
      unit: '×',
      limit: 1.25,
      note: `${official?.toFixed(0)} / ${service?.toFixed(0)} events/s of one channel`,
    },
  ];
}
