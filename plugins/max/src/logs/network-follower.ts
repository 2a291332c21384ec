import type { NetworkLogBatch, NetworkLogLine } from '@rig/plugin-api/max';
import { FOLLOW_WINDOW } from './follower.ts';
import type { LineFilter } from './line-filter.ts';
import type { Log } from './log.ts';
import { oncePast } from './once-past.ts';

const BATCH_LINES = 200;
/** What is read ahead of each app, so that the lines of all can be put in order. */
const AHEAD_LINES = 50;
const AHEAD_BYTES = 32 * 1024;

/** An app whose log is a part. */
export interface FollowedApp {
  id: string;
  name: string;
  log: Log;
  after: number;
}

/** What a network's follower reads, and where it goes. */
export interface NetworkFollowerOptions {
  apps: FollowedApp[];
  filter: LineFilter;
  /** Ends before lines that are younger, in milliseconds since the epoch. */
  until: number | undefined;
  /** `false`: what there is now, and then the end. */
  follow: boolean;
  window?: number;
  send: (batch: NetworkLogBatch) => void;
  ready: () => Promise<void>;
  onEnd: () => void;
  onFail: (error: Error) => void;
}

interface Source extends FollowedApp {
  /** Everything up to here is in `ahead` or was sent or left out. */
  looked: number;
  ahead: NetworkLogLine[];
  /** Lines beyond are not asked for. */
  to: number;
  unfollow: () => void;
}

/** Sends the lines of several logs as one, in order of time as far as it is known, within one window. */
export class NetworkFollower {
  readonly #options: NetworkFollowerOptions;
  readonly #sources = new Map<string, Source>();
  readonly #unwatch: (() => void) | undefined;
  /** The lines that were sent and not acknowledged, in that order. */
  #unacknowledged: Array<{ appId: string; seq: number }> = [];
  #scheduled = false;
  #again = false;
  #stopped = false;

  constructor(options: NetworkFollowerOptions) {
    this.#options = options;
    for (const app of options.apps) this.add(app);
    if (options.until !== undefined) this.#unwatch = oncePast(options.until, () => this.wake());
    this.wake();
  }

  /** Takes an app in, one that was made meanwhile; of one that is there already, its name. */
  add(app: FollowedApp): void {
    const known = this.#sources.get(app.id);
    if (known !== undefined) known.name = app.name;
    if (this.#stopped || known !== undefined) return;
    const to = this.#options.follow ? Number.POSITIVE_INFINITY : app.log.last;
    const unfollow = app.log.follow(() => this.wake());
    this.#sources.set(app.id, { ...app, looked: app.after, ahead: [], to, unfollow });
    this.wake();
  }

  /** Leaves an app out: it is deleted. */
  remove(id: string): void {
    this.#sources.get(id)?.unfollow();
    this.#sources.delete(id);
    this.wake();
  }

  /** Takes an acknowledgement of a line and of all that was sent before it. */
  acknowledge(appId: string, seq: number): void {
    const index = this.#unacknowledged.findLastIndex((sent) => sent.appId === appId && sent.seq <= seq);
    if (index === -1) return;
    this.#unacknowledged = this.#unacknowledged.slice(index + 1);
    this.wake();
  }

  /** Looks for lines, or for the end, soon. */
  wake(): void {
    this.#again = true;
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      void this.#step();
    });
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch?.();
    for (const { unfollow } of this.#sources.values()) unfollow();
    this.#sources.clear();
  }

  async #step(): Promise<void> {
    try {
      await this.#options.ready();
    } catch {
      this.stop();
    }
    this.#again = false;
    try {
      if (!this.#stopped && (await this.#sendBatch())) this.#again = true;
    } catch (error) {
      if (!this.#stopped) this.#options.onFail(error as Error);
      this.stop();
    }
    this.#scheduled = false;
    if (this.#again) this.wake();
  }

  /** Whether there may be more to send at once. */
  async #sendBatch(): Promise<boolean> {
    const window = this.#options.window ?? FOLLOW_WINDOW;
    const room = Math.min(window - this.#unacknowledged.length, BATCH_LINES);
    if (room <= 0) return false;
    const lines: NetworkLogLine[] = [];
    const touched = new Map<string, Source>();
    while (lines.length < room) {
      let first: Source | undefined;
      for (const source of [...this.#sources.values()]) {
        if (await this.#fill(source)) touched.set(source.id, source);
        if (this.#stopped) return false;
        const at = source.ahead[0]?.at;
        if (at !== undefined && (first === undefined || at < first.ahead[0]!.at)) first = source;
      }
      if (first === undefined) break;
      lines.push(first.ahead.shift()!);
      touched.set(first.id, first);
    }
    if (lines.length > 0) {
      for (const { appId, seq } of lines) this.#unacknowledged.push({ appId, seq });
      const through: Record<string, number> = {};
      for (const { id, looked, ahead } of touched.values())
        through[id] = ahead.length === 0 ? looked : ahead[0]!.seq - 1;
      this.#options.send({ lines, through });
      return true;
    }
    this.#endIfDone();
    return false;
  }

  /** Reads ahead until there is a line that matches, or no more; says whether it read. */
  async #fill(source: Source): Promise<boolean> {
    const { filter, until, send } = this.#options;
    let read = false;
    while (source.ahead.length === 0 && source.looked < Math.min(source.to, source.log.last)) {
      read = true;
      const { gap, lines } = source.log.read(source.looked, {
        lines: filter.active ? AHEAD_LINES * 10 : AHEAD_LINES,
        bytes: filter.active ? AHEAD_BYTES * 8 : AHEAD_BYTES,
      });
      const { id: appId, name: app } = source;
      if (gap !== undefined) send({ app, appId, gap });
      const young = lines.findIndex(
        (line) => line.seq > source.to || (until !== undefined && Date.parse(line.at) > until),
      );
      const wanted = young === -1 ? lines : lines.slice(0, young);
      if (young !== -1) source.to = lines[young]!.seq - 1;
      source.looked = wanted.at(-1)?.seq ?? Math.max(gap?.to ?? 0, source.looked, young === -1 ? source.log.last : 0);
      const named = wanted.map((line) => ({ app, appId, ...line }));
      source.ahead = await filter.select(named);
      if (this.#stopped) return read;
    }
    return read;
  }

  #endIfDone(): void {
    const { until, follow, onEnd } = this.#options;
    const past = until !== undefined && Date.now() > until;
    if (follow && !past) return;
    this.stop();
    onEnd();
  }
}
