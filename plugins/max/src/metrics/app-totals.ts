/** What only rises, since Max has started. */
export interface Totals {
  cpuSeconds: number;
  restarts: number;
}

/** The totals of each app. */
export class AppTotals {
  readonly #byApp = new Map<string, Totals>();

  /** Adds what a second brought. */
  add(appId: string, { cpuSeconds, restarts }: Totals): void {
    const totals = this.#byApp.get(appId);
    if (totals === undefined) this.#byApp.set(appId, { cpuSeconds, restarts });
    else {
      totals.cpuSeconds += cpuSeconds;
      totals.restarts += restarts;
    }
  }

  /** Those of an app. */
  of(appId: string): Totals {
    return this.#byApp.get(appId) ?? { cpuSeconds: 0, restarts: 0 };
  }

  /** Forgets an app that is gone. */
  forget(appId: string): void {
    this.#byApp.delete(appId);
  }
}
