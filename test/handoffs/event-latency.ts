import { eventLatency } from '../bench/live/latency.ts';
import type { Line } from './line.ts';

/** An event is quick. */
export const eventIsQuick: Line = {
  handoff: '2 → 3 communication',
  name: 'an event reaches its handler in < 100 ms (p99)',
  async check() {
    const { p50, p99 } = await eventLatency(5);
    return {
      value: Number(p99.toFixed(2)),
      unit: 'ms',
      limit: 100,
      note: `p99 at 1,000 events/s, from the broadcast to the handler in another process; p50 ${p50.toFixed(2)} ms`,
    };
  },
};
