import { setTimeout as delay } from 'node:timers/promises';
import { isDiskFull, isDiskRefusal } from '../store/disk-errors.ts';

const TRY_EACH_MS = 1_000;

/** What ends the tries, and who hears that they are needed. */
export interface Patience {
  signal: AbortSignal;
  report(text: string): void;
}

/**
 * Stores what must not be left out, such as the end of a deployment: while the disk does not take it, again and again.
 *
 * @throws what `work` throws for another reason, or still throws when the signal is aborted
 */
export async function untilStored<T>(what: string, work: () => T, { signal, report }: Patience): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (signal.aborted || !(isDiskFull(error) || isDiskRefusal(error))) throw error;
      if (tries === 1) report(`${what} is stored once the disk takes it: ${(error as Error).message}`);
    }
    await delay(TRY_EACH_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}
