import { join } from 'node:path';
import { Log, type LogLimits } from './log.ts';

/** Opens each log once: two writers of one file would give a number twice. */
export class LogStore {
  readonly #folder: string;
  readonly #limits: Partial<LogLimits>;
  readonly #open = new Map<string, Log>();

  constructor(folder: string, limits: Partial<LogLimits> = {}) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The log of an app's instances. */
  app(id: string): Log {
    return this.#get('apps', id);
  }

  /** The log of a build. */
  build(id: string): Log {
    return this.#get('builds', id);
  }

  /** Nothing more is written to a build's log: whoever follows it is told, and its file is closed. */
  endBuild(id: string): void {
    const log = this.build(id);
    log.rest();
    log.wake();
    this.#open.delete(`builds/${id}`);
  }

  /** Removes an app's log. */
  removeApp(id: string): void {
    this.#remove('apps', id);
  }

  /** Removes a build's log. */
  removeBuild(id: string): void {
    this.#remove('builds', id);
  }

  /** Drops what is too old in every log that is open. */
  retain(): void {
    for (const log of this.#open.values()) log.retain();
  }

  /** Closes all. */
  close(): void {
    for (const log of this.#open.values()) log.close();
    this.#open.clear();
  }

  #get(kind: 'apps' | 'builds', id: string): Log {
    const key = `${kind}/${id}`;
    let log = this.#open.get(key);
    if (log === undefined) {
      log = Log.open(join(this.#folder, kind, id), this.#limits);
      this.#open.set(key, log);
    }
    return log;
  }

  #remove(kind: 'apps' | 'builds', id: string): void {
    this.#get(kind, id).remove();
    this.#open.delete(`${kind}/${id}`);
  }
}
