import { chaosSeed } from '../support/chaos-random.ts';
import { type FuzzReport, fuzzInProcess } from './in-process.ts';
import { fuzzOverSockets } from './over-sockets.ts';

// npm run fuzz [-- FRAMES [FRAMES_OVER_SOCKETS]]; CHAOS_SEED repeats a run.
const MOST_GROWTH_MIB = 4;

function tell(where: string, seconds: number, report: FuzzReport): boolean {
  const { frames, sockets, codes, answers, heapBefore, heapAfter } = report;
  const leaks = heapAfter - heapBefore > MOST_GROWTH_MIB;
  const ends = Object.entries(codes).map(([code, times]) => `${code} ${times} times`);
  console.log(
    `${leaks ? '✗' : '✓'} ${where}: ${frames} frames on ${sockets} connections in ${seconds.toFixed(0)} s, ${answers} answers; ` +
      `ended by ${ends.join(', ')}; heap after a collection ${heapBefore.toFixed(2)} MiB, then ${heapAfter.toFixed(2)} MiB ` +
      `(at most ${MOST_GROWTH_MIB} more)`,
  );
  return !leaks;
}

const [frames = 1_000_000, overSockets = Math.ceil(frames / 20)] = process.argv.slice(2).map(Number);
const seed = chaosSeed();
console.log(`CHAOS_SEED=${seed}`);
let good = true;
for (const [where, fuzz, count] of [
  ['in process', fuzzInProcess, frames],
  ['over sockets', fuzzOverSockets, overSockets],
] as const) {
  const begun = performance.now();
  const report = await fuzz(count, seed);
  good = tell(where, (performance.now() - begun) / 1000, report) && good;
}
process.exit(good ? 0 : 1);
