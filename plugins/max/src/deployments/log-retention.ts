import { setImmediate as turn } from 'node:timers/promises';
import { APP_DEFAULTS } from '@rig/plugin-api/max';
import type { LogLimits } from '../logs/log.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { AppRecord, Apps } from '../store/apps.ts';
import type { BuildRows } from './build-rows.ts';

const PAUSE_MS = 600_000;
const DAY_MS = 86_400_000;

/** A log of this size has no line: a head is in it. */
const EMPTY_BYTES = 64;

/** What is kept of an app's log, and as much again of those of its builds together. */
export function logLimitsOf({ settings: { logs } }: AppRecord): Pick<LogLimits, 'maxBytes' | 'maxAgeDays'> {
  return {
    maxBytes: logs.maxBytes ?? APP_DEFAULTS.logs.maxBytes,
    maxAgeDays: logs.maxAgeDays ?? APP_DEFAULTS.logs.maxAgeDays,
  };
}

/** Which logs are kept within limits. */
export interface LogRetentionOptions {
  apps: Apps;
  builds: BuildRows;
  logs: LogStore;
  report(text: string): void;
}

/** Keeps every log within the limits of its app, now and then and when those change. */
export class LogRetention {
  readonly #options: LogRetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** One look after the other. */
  #line: Promise<void> = Promise.resolve();

  constructor(options: LogRetentionOptions) {
    this.#options = options;
  }

  /** Looks at all logs now, and every few minutes. */
  start(): void {
    const look = (): void => {
      this.#line = this.#line.then(() => this.#all());
    };
    look();
    this.#timer = setInterval(look, PAUSE_MS);
    this.#timer.unref();
  }

  /** Looks at no log any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#line;
  }

  /** Holds an app's logs to limits that have changed: its own at once, those of its builds when this resolves. */
  changed(appId: string): Promise<void> {
    this.#app(appId);
    this.#line = this.#line.then(() => this.#builds(appId));
    return this.#line;
  }

  async #all(): Promise<void> {
    for (const { id } of this.#options.apps.all()) {
      if (this.#stopped) return;
      this.#app(id);
      await this.#builds(id);
      // Requests go on between a thousand apps.
      await turn();
    }
  }

  #app(id: string): void {
    const { apps, logs } = this.#options;
    const app = apps.byId(id);
    if (app !== undefined) this.#guard(app, () => logs.app(id).limit(logLimitsOf(app)));
  }

  /** The newest builds keep their logs; one that is too old, or too much beside the newer ones, loses all its lines. */
  async #builds(appId: string): Promise<void> {
    const { apps, builds, logs } = this.#options;
    const app = apps.byId(appId);
    if (app === undefined || this.#stopped) return;
    const { maxBytes, maxAgeDays } = logLimitsOf(app);
    const oldest = maxAgeDays === 0 ? 0 : Date.now() - maxAgeDays * DAY_MS;
    let total = 0;
    for (const { id, state } of builds.page(app.id, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
      const { bytes, writtenAt } = await logs.measureBuild(id);
      // The app, and the build with it, may be gone by now; Max may end.
      if (this.#stopped || apps.byId(appId) === undefined || builds.byId(id) === undefined) return;
      if (bytes <= EMPTY_BYTES) continue;
      const newest = total === 0;
      total += bytes;
      this.#guard(app, () => {
        if (state === 'running') return logs.build(id).limit({ maxBytes, maxAgeDays });
        if (writtenAt < oldest || (total > maxBytes && !newest)) logs.build(id).clear();
        else if (total > maxBytes) logs.build(id).limit({ maxBytes });
        logs.endBuild(id);
      });
    }
  }

  /** A disk that is full or broken is met again the next time. */
  #guard(app: AppRecord, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.report(
        `logs of ${app.name}.${app.network} are not held to their limits: ${(error as Error).message}`,
      );
    }
  }
}
