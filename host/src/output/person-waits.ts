/** What was waited for a person, and when. */
export interface Waits {
  /** A wait begins; gives the function that ends it. */
  start(): () => void;
  /**
   * Milliseconds of the waits that have begun since a moment, such as overlap counted once. What goes on since before is no
   * wait of whoever began after it.
   */
  total(since: number): number;
}

/** Counts waits for a person; moments are those of `performance.now()`. */
export function countWaits(): Waits {
  const waits: Array<{ from: number; until: number | undefined }> = [];
  return {
    start() {
      const wait: (typeof waits)[number] = { from: performance.now(), until: undefined };
      waits.push(wait);
      return () => {
        wait.until ??= performance.now();
      };
    },
    total(since) {
      let sum = 0;
      let counted = since;
      for (const { from, until = performance.now() } of waits) {
        if (from < since) continue;
        sum += Math.max(0, until - Math.max(from, counted));
        counted = Math.max(counted, until);
      }
      return sum;
    },
  };
}
