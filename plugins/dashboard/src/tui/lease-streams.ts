import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { TerminalLease } from '@rig/plugin-api';
import { KeySplitter } from './split-keys.ts';

/** Who reads keys from a lease's input. */
export interface KeyReader {
  /** Called with each key, as the terminal sends it. */
  key(key: string): void;
  /** Called when there is no terminal any more that keys could come from. */
  end(): void;
}

/** The keys of a lease's input, which can be let go of while another program reads it. */
export class KeyInput {
  readonly #lease: TerminalLease;
  readonly #decoder = new StringDecoder('utf8');
  readonly #keys: KeySplitter;
  readonly #take = (chunk: Buffer | string): void => {
    this.#keys.take(typeof chunk === 'string' ? chunk : this.#decoder.write(chunk));
  };

  constructor(lease: TerminalLease, reader: KeyReader) {
    this.#lease = lease;
    this.#keys = new KeySplitter((key) => reader.key(key));
    lease.stdin.once('end', () => reader.end());
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
    this.#keys.stop();
    this.#lease.stdin.pause();
  }
}

/** What ink believes to draw to: nothing of it is written, the painter has the terminal. Keys do not come through ink. */
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
