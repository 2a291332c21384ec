import type { Figure } from '../figure.ts';
import { measureCrowd } from './crowd.ts';
import { measureLatency } from './latency.ts';
import { measureStoppedReaders } from './stopped-readers.ts';
import { measureThroughput } from './throughput.ts';

/** The socket of Max and the one of rig: latency, throughput, many clients, and clients that do not read. */
export async function measureLive(rounds: number): Promise<Figure[]> {
  return [
    ...(await measureLatency(rounds)),
    ...(await measureThroughput(rounds)),
    ...(await measureCrowd()),
    ...(await measureStoppedReaders()),
  ];
}
