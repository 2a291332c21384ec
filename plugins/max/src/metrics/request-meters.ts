import { RequestMeter } from './request-meter.ts';

/** The meter of each app that was asked for since Max has started. */
export class RequestMeters {
  readonly #byApp = new Map<string, RequestMeter>();

  /** Counts a request of an app that was answered, by its status and by how long its head took. */
  answered(appId: string, status: number, ms: number): void {
    let meter = this.#byApp.get(appId);
    if (meter === undefined) {
      meter = new RequestMeter();
      this.#byApp.set(appId, meter);
    }
    meter.add(status, ms);
  }

  /** The app's meter; `undefined` where nobody has asked it. */
  of(appId: string): RequestMeter | undefined {
    return this.#byApp.get(appId);
  }

  /** Forgets an app that is gone. */
  forget(appId: string): void {
    this.#byApp.delete(appId);
  }
}
