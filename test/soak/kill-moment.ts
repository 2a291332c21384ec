import type { ChaosRandom } from '../support/chaos-random.ts';

/** When Max is to end. */
export interface KillMoment {
  /** Amid the request of that number, where it is one; a seed repeats that on a machine of any speed. */
  requests?: number;
  /** So long after that request was sent. */
  afterMs: number;
  /** At latest so long after the work began. */
  latestMs: number;
  /** Once more so long after it was started again. */
  again?: number;
  text: string;
}

/** Most ends come early: more of them in the same time, and there is always something under way. */
const SHORT_MS = 1_000;

/** Some come late enough for a worker, which must stay up for two seconds, to become healthy. */
const LONG_MS = 4_000;

/** Chooses a moment: half of them by a number of requests, half by time; after every fifth Max is killed as it starts. */
export function killMoment(random: ChaosRandom): KillMoment {
  const latestMs = random.between(1, 4) === 1 ? random.between(SHORT_MS, LONG_MS) : random.between(0, SHORT_MS);
  const again = random.between(1, 5) === 1 ? random.between(100, 900) : undefined;
  const then = again === undefined ? {} : { again };
  const andAgain = again === undefined ? '' : `, and again ${again} ms after its start`;
  if (random.between(0, 1) === 0) return { afterMs: 0, latestMs, ...then, text: `after ${latestMs} ms${andAgain}` };
  const requests = random.between(1, 400);
  const afterMs = random.between(0, 4);
  const text = `${afterMs} ms into request ${requests}${andAgain}`;
  return { requests, afterMs, latestMs: LONG_MS, ...then, text };
}
