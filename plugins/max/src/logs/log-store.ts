import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Log, type LogLimits } from './log.ts';

/** How much is kept of a log that is opened; `undefined`: what is usual. */
export interface LimitsOf {
  app(id: string): Partial<LogLimits> | undefined;
  build(id: string): Partial<LogLimits> | undefined;
}

const USUAL: LimitsOf = { app: () => undefined, build: () => undefined };

/** Opens each log once: two writers of one file would give a number twice. */
export class LogStore {
  readonly #folder: string;
  readonly #limitsOf: LimitsOf;
  readonly #open = new Map<string, Log>();

  constructor(folder: string, limitsOf: LimitsOf = USUAL) {
    this.#folder = folder;
    this.#limitsOf = limitsOf;
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
    const log = this.#open.get(`builds/${id}`);
    log?.rest();
    log?.wake();
    // Who follows it must see what becomes of it.
    if (log?.isFollowed === false) this.#open.delete(`builds/${id}`);
  }

  /** Removes an app's log. */
  removeApp(id: string): void {
    this.#remove('apps', id);
  }

  /** Removes a build's log. */
  removeBuild(id: string): void {
    this.#remove('builds', id);
  }

  /** Bytes of a build's log, and when it was last written to; read without opening it. */
  async measureBuild(id: string): Promise<{ bytes: number; writtenAt: number }> {
    const folder = join(this.#folder, 'builds', id);
    const names = await readdir(folder).catch(() => []);
    let [bytes, writtenAt] = [0, 0];
    for (const name of names) {
      const file = await stat(join(folder, name)).catch(() => undefined);
      bytes += file?.size ?? 0;
      writtenAt = Math.max(writtenAt, file?.mtimeMs ?? 0);
    }
    return { bytes, writtenAt };
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
      const limits = kind === 'apps' ? this.#limitsOf.app(id) : this.#limitsOf.build(id);
      log = Log.open(join(this.#folder, kind, id), limits);
      this.#open.set(key, log);
    }
    return log;
  }

  #remove(kind: 'apps' | 'builds', id: string): void {
    this.#get(kind, id).remove();
    this.#open.delete(`${kind}/${id}`);
  }
}
