import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { quantile, startChild } from './child.ts';

const RATE = 1000;
const WARM = 1000;

/** Milliseconds from a broadcast to the handler in another process. */
export interface Latency {
  p50: number;
  p99: number;
  /** The same of a bare WebSocket frame of the same bytes. */
  bareP50: number;
  bareP99: number;
}

/** Broadcasts so many seconds long, 1,000 events a second. */
export async function eventLatency(seconds: number): Promise<Latency> {
  const count = WARM + RATE * seconds;
  const server = startChild('latency-server.ts');
  try {
    const client = startChild('latency-client.ts', [String(await server.hear<number>()), String(count)]);
    try {
      await client.hear();
      server.tell({ rate: RATE, count });
      const { handled, bare } = await client.hear<{ handled: number[]; bare: number[] }>();
      const [events, frames] = [handled.slice(WARM), bare.slice(WARM)];
      return {
        p50: quantile(events, 0.5),
        p99: quantile(events, 0.99),
        bareP50: quantile(frames, 0.5),
        bareP99: quantile(frames, 0.99),
      };
    } finally {
      await client.end();
    }
  } finally {
    await server.end();
  }
}

/** From Max's broadcast to the handler, beside a bare WebSocket frame of the same bytes in the same run. */
export async function measureLatency(rounds: number): Promise<Figure[]> {
  const runs: Latency[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await eventLatency(5));
  const of = (pick: (run: Latency) => number): number => median(runs.map(pick));
  return [
    {
      name: `live: event latency p99, ${RATE} events/s`,
      value: of(({ p99 }) => p99),
      unit: 'ms',
      limit: 100,
      note: `a bare frame of the same bytes ${of(({ bareP99 }) => bareP99).toFixed(2)} ms`,
    },
    {
      name: 'live: event latency p50 / a bare WebSocket frame',
      value: of(({ p50, bareP50 }) => p50 / bareP50),
      unit: '×',
      limit: 1.5,
      note: `${of(({ p50 }) => p50).toFixed(3)} ms / ${of(({ bareP50 }) => bareP50).toFixed(3)} ms`,
    },
  ];
}
