import type { RunningInstance } from '../runtime.ts';

/** Counts the restarts of instances from one second to the next. */
export class RestartCounter {
  #known = new Map<string, number>();
  #next = new Map<string, number>();
  #begun = false;

  /** How many of an app's instances there were since the second before. */
  rise(instances: readonly RunningInstance[]): number {
    let rise = 0;
    for (const { id, restarts } of instances) {
      // Those of before the first second were of an earlier Max.
      const before = this.#known.get(id) ?? (this.#begun ? 0 : restarts);
      rise += Math.max(0, restarts - before);
      this.#next.set(id, restarts);
    }
    return rise;
  }

  /** Ends a second: instances that were not asked for in it are forgotten. */
  turn(): void {
    this.#known = this.#next;
    this.#next = new Map();
    this.#begun = true;
  }
}
