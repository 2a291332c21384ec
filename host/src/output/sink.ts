import type { TerminalWritable } from '../io.ts';

/** Ends of a pipe, a terminal that hung up, and a stream that was closed before. */
const GONE = new Set(['EPIPE', 'EOF', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** What a sink tells when it can write no more. */
export interface SinkEnd {
  /** The reader went away, which is no fault of anybody. */
  closed: boolean;
  error: NodeJS.ErrnoException;
}

/**
 * One standard output: writes at once while the reader keeps up, and joins what comes while it does not, so that
 * neither a write per line nor an unread reader costs memory without bound for whoever awaits {@link Sink.ready}.
 */
export class Sink {
  #opened: TerminalWritable | undefined;
  #held: Array<string | Uint8Array> = [];
  #inFlight = 0;
  #waiting: Array<() => void> = [];
  #end: SinkEnd | undefined;

  /** @param open touched on the first use alone: merely looking at a standard stream opens it */
  constructor(
    private readonly open: () => TerminalWritable,
    private readonly onEnd: (end: SinkEnd) => void,
  ) {}

  /** The stream underneath, opened and watched. */
  get stream(): TerminalWritable {
    if (!this.#opened) {
      this.#opened = this.open();
      this.#opened.on('error', (error) => this.#fail(error));
      this.#opened.on('drain', () => this.#pump());
    }
    return this.#opened;
  }

  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  /** Set once nothing can be written any more. */
  get end(): SinkEnd | undefined {
    return this.#end;
  }

  /** Whether the reader is behind. */
  get busy(): boolean {
    return this.#held.length > 0 || this.stream.writableNeedDrain;
  }

  /** Writes as soon as the reader takes it; nothing once the sink has ended. */
  write(data: string | Uint8Array): void {
    if (this.#end || data.length === 0) return;
    if (this.busy) this.#held.push(data);
    else this.#send(data);
  }

  /** Resolves when the reader has caught up so far that more may be made for it. */
  async ready(): Promise<void> {
    while (!this.#end && this.busy) await this.#change();
  }

  /** Resolves when everything was handed to the system, or can no longer be. */
  async idle(): Promise<void> {
    while (!this.#end && (this.#held.length > 0 || this.#inFlight > 0)) await this.#change();
  }

  #send(data: string | Uint8Array): void {
    this.#inFlight++;
    this.stream.write(data, (error) => {
      this.#inFlight--;
      if (error) this.#fail(error);
      this.#wake();
    });
  }

  #pump(): void {
    const held = this.#held;
    this.#held = [];
    // Texts are joined to one write; bytes stay as they are.
    let text = '';
    for (const data of held) {
      if (typeof data === 'string') text += data;
      else {
        if (text) this.#send(text);
        text = '';
        this.#send(data);
      }
    }
    if (text) this.#send(text);
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#end) return;
    this.#end = { closed: GONE.has(error.code ?? ''), error };
    this.#held = [];
    this.onEnd(this.#end);
    this.#wake();
  }
}
