import { AppRunner } from './app-runner.ts';
import type { InstanceContext } from './instance-context.ts';

/** The runner of each app that has, or is about to have, a release. */
export class AppRunners {
  readonly #contextOf: (appId: string, version: number, changed: () => void) => InstanceContext;
  readonly #byApp = new Map<string, AppRunner>();

  constructor(contextOf: (appId: string, version: number, changed: () => void) => InstanceContext) {
    this.#contextOf = contextOf;
  }

  /** The app's runner, where it has one. */
  get(appId: string): AppRunner | undefined {
    return this.#byApp.get(appId);
  }

  /** The app's runner, made where there is none: nothing of the app serves then. */
  of(appId: string): AppRunner {
    const there = this.#byApp.get(appId);
    if (there !== undefined) return there;
    const runner = new AppRunner((version, changed) => this.#contextOf(appId, version, changed));
    this.#byApp.set(appId, runner);
    return runner;
  }

  /** Forgets the runner of an app that goes, and gives it. */
  remove(appId: string): AppRunner | undefined {
    const runner = this.#byApp.get(appId);
    this.#byApp.delete(appId);
    return runner;
  }

  /** All of them, with the ids of their apps. */
  entries(): Array<[appId: string, runner: AppRunner]> {
    return [...this.#byApp];
  }
}
