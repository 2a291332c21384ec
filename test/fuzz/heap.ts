import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** MiB that are in use after everything that could be collected was; waits for timers that still hold something. */
export async function heapAfterGc(): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 4; round += 1) {
    await sleep(50);
    gc();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, (heapUsed + external) / 2 ** 20);
  }
  return least;
}
