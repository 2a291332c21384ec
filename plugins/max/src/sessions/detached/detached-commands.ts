import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionEnd } from '@rig/plugin-api/max';
import type { Engine, EngineProcess } from '../../engine/engine.ts';
import type { StatePaths } from '../../store/state-paths.ts';
import { runnable } from '../find-program.ts';
import { DetachedCommand, type Ended, endOf, outputsOf, STATUS_FILE } from './detached-command.ts';
import type { DetachedRow, DetachedRows, Ending, NewDetached } from './detached-rows.ts';
import { STATUS_RUNNER } from './exit-status.ts';
import type { OutputStream } from './kept-output.ts';
import { type FeedOptions, OutputFeed } from './output-feed.ts';
import { Retention } from './retention.ts';

/** How long after a failure it is tried again to store an end: the disk may be full for a while. */
const STORE_AGAIN_MS = 1_000;

/** What detached commands are made from. */
export interface DetachedOptions {
  paths: Pick<StatePaths, 'apps'>;
  rows: DetachedRows;
  engine: Engine;
  /** From SIGTERM to SIGKILL, of an app. */
  graceMs(appId: string): number;
  /** Keeps account of the end of a command and the bytes that it wrote; in the transaction that stores its end. */
  onEnd(row: DetachedRow, bytes: number): void;
  report(text: string): void;
}

/** What is run, once that is stored. */
export interface DetachedRun extends Pick<DetachedRow, 'id' | 'appId'> {
  /** The program and its arguments, with their secrets. */
  argv: readonly string[];
  cwd: string;
  /** The whole environment, with the folder of its temporary files. */
  environment(tmp: string): Readonly<Record<string, string>>;
}

/** An offset of each stream. */
type Offsets = Record<OutputStream, number>;

/** Where a client of a command is given its output, and from where on: what it has already, if it has any. */
export type FollowOptions = Omit<FeedOptions, 'outputs' | 'ended' | 'received' | 'stopped'> & {
  received: Offsets | undefined;
};

/** Commands that go on without anybody: they outlive their client and Max, which finds them again. */
export class DetachedCommands {
  readonly #options: DetachedOptions;
  readonly #running = new Map<string, DetachedCommand>();
  /** Those that are stored and not yet started. */
  readonly #starting = new Map<string, Promise<void>>();
  readonly #feeds = new Map<string, Set<OutputFeed>>();
  readonly #retention: Retention;
  #released = false;

  constructor(options: DetachedOptions) {
    this.#options = options;
    this.#retention = new Retention({
      rows: options.rows,
      folderOf: ({ appId, id }) => this.#folder(appId, id),
      isFollowed: (id) => this.isFollowed(id),
      report: options.report,
    });
  }

  /** How many run, of a user or of all. */
  running(userId?: string): number {
    return this.#options.rows.running().filter((row) => userId === undefined || row.userId === userId).length;
  }

  /** Notes a command that {@link begin} is to start; in the caller's transaction. */
  create(command: NewDetached): void {
    this.#options.rows.create(command);
    this.#starting.set(command.id, Promise.resolve());
  }

  /** Starts a command; where that cannot be done it ends at once, and says why. */
  begin(run: DetachedRun): Promise<void> {
    const started = this.#start(run)
      .catch((error: Error) => this.#notStarted(run.id, error))
      .finally(() => this.#starting.delete(run.id));
    this.#starting.set(run.id, started);
    return started;
  }

  async #start({ id, appId, argv, cwd, environment }: DetachedRun): Promise<void> {
    const { rows, engine } = this.#options;
    const folder = this.#folder(appId, id);
    const tmp = join(folder, 'tmp');
    mkdirSync(tmp, { recursive: true, mode: 0o700 });
    const env = environment(tmp);
    if (!existsSync(cwd)) throw new Error(`the folder ${cwd} is not there any more`);
    const command = ['/bin/sh', '-c', STATUS_RUNNER, 'max', join(folder, STATUS_FILE), ...runnable(argv, cwd, env)];
    const process = await engine.start({ id, folder, cwd, command, env }, (record) => rows.started(id, record));
    this.#watch(rows.byId(id)!, process);
  }

  #notStarted(id: string, error: Error): Promise<void> {
    this.#options.report(`${id} could not be started: ${error.message}`);
    return this.#finish(id, neverBegan(error.message));
  }

  /** Takes over what an earlier Max started: what runs is watched again, what ended is told. */
  async takeOver(): Promise<void> {
    const { rows, engine, report } = this.#options;
    const over = rows.running().filter((row) => {
      const isThere = this.#adopted(row) !== undefined;
      if (isThere) report(`adopted the detached command ${row.id} of ${row.appId}, process ${row.pid}`);
      return !isThere;
    });
    await engine.sweep(...over.map(({ id }) => id));
    for (const row of over) {
      const { id, appId, pid } = row;
      // What has no number was never told to begin.
      this.#storeEnd(id, pid === null ? neverBegan() : await endOf(row, this.#folder(appId, id), undefined));
    }
    await this.#retention.start();
  }

  find(id: string): DetachedRow | undefined {
    return this.#options.rows.byId(id);
  }

  /** Those of a user, newest first. */
  list(userId: string): DetachedRow[] {
    return this.#options.rows.ofUser(userId);
  }

  /** Resolves when nothing of it runs any more. */
  async whenEnded(id: string): Promise<void> {
    await this.#starting.get(id);
    await this.#running.get(id)?.done;
  }

  /** Whether somebody gets its output now. */
  isFollowed(id: string): boolean {
    return (this.#feeds.get(id)?.size ?? 0) > 0;
  }

  /** Makes the feed of a client, which is to be started: from what it has already on, or from the oldest that is kept. */
  follow(row: DetachedRow, options: FollowOptions): { feed: OutputFeed; from: Offsets } {
    const { id } = row;
    const outputs = this.#running.get(id)?.outputs ?? outputsOf(row, this.#folder(row.appId, id));
    const from = { stdout: 0, stderr: 0 };
    for (const { stream, start, size } of outputs)
      from[stream] = Math.max(start, Math.min(options.received?.[stream] ?? 0, size));
    const feed = new OutputFeed({
      ...options,
      outputs,
      received: from,
      ended: () => !this.#running.has(id) && !this.#starting.has(id),
      stopped: (stopped) => this.#left(id, stopped),
    });
    this.#feeds.set(id, (this.#feeds.get(id) ?? new Set()).add(feed));
    return { feed, from };
  }

  /** Sends a signal to what runs of it. */
  signal(id: string, name: NodeJS.Signals): void {
    this.#running.get(id)?.signal(name);
  }

  /** Ends one at a user's wish; one that has ended is given as it is. */
  async stop(id: string, why: Ending = 'stopped'): Promise<DetachedRow | undefined> {
    await this.#starting.get(id);
    await this.#running.get(id)?.stop(why);
    return this.find(id);
  }

  /** Ends those of an app that goes, and forgets them; its folder is removed by whoever removes the app. */
  async removeApp(appId: string): Promise<void> {
    const { rows, engine } = this.#options;
    await Promise.all(
      rows.ofApp(appId).map(async (row) => {
        const { id, endedAt } = row;
        await this.stop(id);
        // One that an earlier Max left is found by its mark.
        if (endedAt === null) await engine.sweep(id);
        if (rows.byId(id)?.endedAt === null) this.#storeEnd(id, await endOf(row, this.#folder(appId, id), undefined));
        this.#stopFeeds(id);
        rows.remove(id);
      }),
    );
  }

  /** Ends them all, those of an earlier Max too; gives how many. */
  async endAll(): Promise<number> {
    const { rows, engine } = this.#options;
    const all = rows.running();
    await Promise.all(
      all.map(async (row) => {
        const running = this.#running.get(row.id) ?? this.#adopted(row);
        await running?.stop('max-stopped');
        await engine.sweep(row.id);
      }),
    );
    return all.length;
  }

  /** Max ends, and they run on. */
  release(): void {
    this.#released = true;
    this.#retention.stop();
    for (const id of [...this.#feeds.keys()]) this.#stopFeeds(id);
    for (const command of this.#running.values()) command.release();
    this.#running.clear();
  }

  #adopted(row: DetachedRow): DetachedCommand | undefined {
    const { pid, identity } = row;
    const found = pid === null || identity === null ? undefined : this.#options.engine.adopt(row.id, { pid, identity });
    return found && this.#watch(row, found);
  }

  #watch(row: DetachedRow, process: EngineProcess): DetachedCommand {
    const { rows, graceMs, report } = this.#options;
    const command = new DetachedCommand(row, process, this.#folder(row.appId, row.id), {
      rows,
      graceMs: graceMs(row.appId),
      finish: (ended) => this.#finish(row.id, ended),
      report,
    });
    this.#running.set(row.id, command);
    return command;
  }

  /** Stores how a command ended, as often as it takes; a Max that ends meanwhile leaves it to the next. */
  async #finish(id: string, ended: Ended): Promise<void> {
    for (let told = false; !this.#released; told = true) {
      try {
        return this.#storeEnd(id, ended);
      } catch (error) {
        if (!told) this.#options.report(`the end of ${id} could not be stored yet: ${(error as Error).message}`);
      }
      await delay(STORE_AGAIN_MS, undefined, { ref: false });
    }
  }

  /** Whoever keeps account of an end stores it with that; then followers come to the end of what was written. */
  #storeEnd(id: string, ended: Ended): void {
    const { rows, onEnd } = this.#options;
    const row = rows.byId(id);
    if (row !== undefined) {
      let bytes = 0;
      for (const { size } of outputsOf(row, this.#folder(row.appId, id))) bytes += size;
      rows.end(id, ended.endedAt, ended.end, () => onEnd({ ...row, ...ended }, bytes));
    }
    this.#running.delete(id);
    // A start that has failed is over too.
    this.#starting.delete(id);
    for (const feed of this.#feeds.get(id) ?? []) feed.wake();
    this.#retention.oneEnded();
  }

  #left(id: string, feed: OutputFeed): void {
    const feeds = this.#feeds.get(id);
    feeds?.delete(feed);
    if (feeds?.size === 0) this.#feeds.delete(id);
  }

  #stopFeeds(id: string): void {
    for (const feed of [...(this.#feeds.get(id) ?? [])]) feed.stop();
  }

  /** Where a command has its output, its exit status and its temporary files. */
  #folder(appId: string, id: string): string {
    return join(this.#options.paths.apps, appId, 'commands', id);
  }
}

function neverBegan(detail = 'Max ended before it had begun'): Ended {
  const end: SessionEnd = { reason: 'failed', code: null, signal: null, durationMs: 0, detail };
  return { endedAt: new Date().toISOString(), end };
}
