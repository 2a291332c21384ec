/** Timers take no longer time than that. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls back once the clock is past a time: a timer alone may be a little early, and none is that long. @returns what stops it */
export function oncePast(at: number, call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const left = at - Date.now();
    if (left < 0) call();
    else timer = setTimeout(look, Math.min(left + 1, LONGEST_MS)).unref();
  };
  look();
  return () => clearTimeout(timer);
}
