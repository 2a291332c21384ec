/** Waits before the tries after the first; the last holds for all that follow. */
const reconnectWaits = [100, 300, 600, 1000, 1500, 2000, 3000, 5000];
const rejoinWaits = [200, 1000, 2000, 5000, 10_000];

/** Milliseconds before the connection is tried for the n-th time again, from 0. */
export function reconnectWait(tries: number): number {
  return jittered(reconnectWaits[Math.min(tries, reconnectWaits.length - 1)] as number);
}

/** Milliseconds before a channel is joined for the n-th time again, from 1. */
export function rejoinWait(tries: number): number {
  return jittered(rejoinWaits[Math.min(tries, rejoinWaits.length) - 1] as number);
}

/** Spreads the clients of a server that comes back. */
function jittered(ms: number): number {
  return Math.round(ms * (0.8 + Math.random() * 0.4));
}
