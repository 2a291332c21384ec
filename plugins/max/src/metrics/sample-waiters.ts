import { ProblemError } from '../http/problem-error.ts';
import type { Snapshot } from './snapshot.ts';

/** Somebody who waits. */
interface Waiter {
  resolve(snapshot: Snapshot): void;
  reject(error: ProblemError): void;
}

/** Those who wait for the next snapshot: each wait ends, with a snapshot or with the reason why there is none. */
export class SampleWaiters {
  #waiting: Waiter[] = [];
  #closed = false;

  /** Waits for the next one. @throws ProblemError `RIG_BUSY` (503) where figures cannot be taken, or Max ends */
  next(): Promise<Snapshot> {
    if (this.#closed) return Promise.reject(noFigures('Max is about to end'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Ends all waits with a snapshot. */
  give(snapshot: Snapshot): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(snapshot);
  }

  /** Ends all waits: the figures could not be taken. */
  refuse(error: Error): void {
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    const problem = noFigures(`Max could not take the figures of its apps: ${error.message}`, error);
    for (const { reject } of waiting) reject(problem);
  }

  /** Ends all waits, and those that come: there are no more figures. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(noFigures('Max is about to end'));
  }
}

function noFigures(detail: string, cause?: Error): ProblemError {
  return new ProblemError(503, 'RIG_BUSY', detail, {
    fix: 'try again in a moment',
    headers: { 'retry-after': '1' },
    cause,
  });
}
