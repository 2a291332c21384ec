import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { TerminalLease } from '@rig/plugin-api';

/** What ink reads keys from: a lease's input that can be let go of while another program reads it. */
export class LeaseInput extends EventEmitter {
  readonly isTTY = true;
  readonly #lease: TerminalLease;
  readonly #decoder = new StringDecoder('utf8');
  #chunks: string[] = [];
  readonly #take = (chunk: Buffer | string): void => {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    if (text === '') return;
    this.#chunks.push(text);
    this.emit('readable');
  };

  /** @param onEnd called when there is no terminal any more that keys could come from */
  constructor(lease: TerminalLease, onEnd: () => void) {
    super();
    this.#lease = lease;
    lease.stdin.once('end', onEnd);
    this.open();
  }

  /** Reads keys. */
  open(): void {
    this.#lease.stdin.on('data', this.#take);
    this.#lease.stdin.resume();
  }

  /** Reads no more: what is typed is for somebody else. */
  close(): void {
    this.#lease.stdin.off('data', this.#take);
    this.#lease.stdin.pause();
  }

  /** The next keys, as ink asks for them. */
  read(): string | null {
    return this.#chunks.shift() ?? null;
  }

  /** Raw for as long as the lease lasts: between two readers of keys it must not change. */
  setRawMode(): this {
    return this;
  }

  setEncoding(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** What ink believes to draw to: nothing of it is written, the painter has the terminal. */
export class InkOutput extends EventEmitter {
  readonly isTTY = true;
  readonly #size: () => { columns: number; rows: number };

  constructor(size: () => { columns: number; rows: number }) {
    super();
    this.#size = size;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  write(): boolean {
    return true;
  }
}
