/** Events of the instances of one app in one window of time; its log has them all. */
const MOST = 30;
const WINDOW_MS = 10 * 60_000;

/** Holds down how often it is told of an app whose instances come and go: others' events must not be pushed out by them. */
export class InstanceEventPace {
  readonly #told = new Map<string, number[]>();

  /** Whether one more is told: it is, it is as the last one for a while, or it is not. */
  next(appId: string, now = Date.now()): 'told' | 'last' | 'untold' {
    for (const [other, at] of this.#told) if ((at.at(-1) ?? 0) <= now - WINDOW_MS) this.#told.delete(other);
    const recent = (this.#told.get(appId) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= MOST) return 'untold';
    recent.push(now);
    this.#told.set(appId, recent);
    return recent.length === MOST ? 'last' : 'told';
  }
}
