/** A function that is called often, and does its work at most once in so many milliseconds. */
export interface Paced {
  (): void;
  /** Forgets what waits. */
  stop(): void;
}

/** Makes a function that calls `work` so many milliseconds after it was first called, once for all calls until then. */
export function paced(ms: number, work: () => void): Paced {
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      work();
    }, ms);
  };
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return Object.assign(call, { stop });
}
