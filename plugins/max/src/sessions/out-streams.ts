import type { SessionEof, SessionJoin } from '@rig/plugin-api/max';
import { OutStream } from './out-stream.ts';
import type { Source } from './source.ts';
import type { SessionTarget } from './target.ts';

/** Once what runs has ended and nothing came for so long, nothing is waited for. */
const QUIET_MS = 500;

/** One of the streams, and where it comes from. */
interface Lane {
  name: 'stdout' | 'stderr';
  source: Source;
  stream: OutStream;
  paused: boolean;
}

/** Bytes of one stream, in the pieces that they came in. */
export interface OutData {
  stream: 'stdout' | 'stderr';
  offset: number;
  bytes: Buffer[];
}

/** Who hears of what comes out. */
export interface OutListener {
  /** What runs has written something. */
  came(): void;
  /** There is something to send. */
  more(): void;
  /** Nothing more will come. */
  ended(): void;
}

/** What comes out of a session: each stream is read no further than a window ahead of what the client has dealt with. */
export class OutStreams {
  readonly #lanes: Lane[];
  readonly #window: number;
  readonly #on: OutListener;
  #dropped = false;
  #quiet: { timer: NodeJS.Timeout; patienceMs: number; close: () => void } | undefined;
  #movedAt = 0;

  constructor(target: SessionTarget, window: number, on: OutListener) {
    const lane = (name: Lane['name'], source: Source): Lane => ({
      name,
      source,
      stream: new OutStream(),
      paused: false,
    });
    this.#lanes = [lane('stdout', target.stdout)];
    if (target.stderr !== null) this.#lanes.push(lane('stderr', target.stderr));
    this.#window = window;
    this.#on = on;
  }

  /** Bytes that came out. */
  get total(): number {
    return this.#lanes.reduce((sum, { stream }) => sum + stream.total, 0);
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#lanes.every(({ stream }) => stream.ended);
  }

  /** Begins to read. */
  start(): void {
    for (const lane of this.#lanes)
      lane.source.start(
        (bytes) => this.#came(lane, bytes),
        () => {
          lane.stream.finish();
          this.#on.more();
          if (!this.ended) return;
          this.#stopQuiet();
          this.#on.ended();
        },
      );
  }

  /** Adds words of Max's own to what a person sees. */
  say(text: string): void {
    const [lane] = this.#lanes;
    if (lane === undefined || lane.stream.ended) return;
    lane.stream.append(Buffer.from(text));
    this.#on.more();
  }

  /** Forgets what the client has dealt with, and reads on where there is room again. */
  acknowledge(offsets: { stdout?: number | undefined; stderr?: number | undefined }): void {
    this.#movedAt = Date.now();
    for (const lane of this.#lanes) {
      const offset = offsets[lane.name];
      if (offset === undefined) continue;
      lane.stream.acknowledge(offset);
      this.#readOn(lane);
    }
  }

  /** Begins to send again: what follows the given offsets, or all that there is. Gives where each stream begins. */
  rewind(received: SessionJoin['received']): { stdout: number; stderr: number } {
    const from = { stdout: 0, stderr: 0 };
    for (const lane of this.#lanes) {
      from[lane.name] = lane.stream.rewind(received?.[lane.name] ?? 0);
      this.#readOn(lane);
    }
    return from;
  }

  /** What is to be sent next. */
  take(): OutData | SessionEof | undefined {
    for (const { name, stream } of this.#lanes) {
      const piece = stream.take();
      if (piece !== undefined) return { stream: name, ...piece };
      const at = stream.takeEnd();
      if (at !== undefined) return { stream: name, at };
    }
    return undefined;
  }

  /** Nobody will read on: what still comes is thrown away, so that its writer need not wait. */
  drop(): void {
    this.#dropped = true;
    for (const lane of this.#lanes) this.#readOn(lane);
  }

  /** Calls `close` when nothing has come for a while though there was room, or the client has made none for `patienceMs`. */
  closeWhenQuiet(patienceMs: number, close: () => void): void {
    if (this.ended) return;
    this.#movedAt = Date.now();
    this.#quiet = { close, patienceMs, timer: setTimeout(() => this.#lookQuiet(), QUIET_MS) };
  }

  #lookQuiet(): void {
    const quiet = this.#quiet;
    if (quiet === undefined) return;
    const { total } = this;
    // Timers come first where Max was held up: what came meanwhile, and perhaps the end, is read before this is judged.
    setImmediate(() => {
      if (this.#quiet !== quiet) return;
      const isFull = this.#lanes.some(({ paused }) => paused);
      const isWaitedFor = isFull && Date.now() - this.#movedAt < quiet.patienceMs;
      // The same timer: what came meanwhile has set it going already, and a second one would look too soon.
      if (isWaitedFor || this.total !== total) return void quiet.timer.refresh();
      this.#stopQuiet();
      quiet.close();
    });
  }

  #stopQuiet(): void {
    clearTimeout(this.#quiet?.timer);
    this.#quiet = undefined;
  }

  #came(lane: Lane, bytes: Buffer): void {
    this.#quiet?.timer.refresh();
    if (this.#dropped && lane.stream.held >= this.#window) return;
    lane.stream.append(bytes);
    if (!this.#dropped && lane.stream.held >= this.#window) {
      lane.paused = true;
      lane.source.pause();
    }
    this.#on.came();
    this.#on.more();
  }

  #readOn(lane: Lane): void {
    if (!lane.paused || (!this.#dropped && lane.stream.held >= this.#window)) return;
    lane.paused = false;
    lane.source.resume();
  }
}
