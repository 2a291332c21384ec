import type { LogLine } from '@rig/plugin-api/max';
import { LineSplitter } from '../logs/line-splitter.ts';
import type { Log } from '../logs/log.ts';
import type { NewRecord } from '../logs/record.ts';

/** Writes what a build says, and what its programs print, into the build's log. */
export class BuildLog {
  readonly log: Log;
  /** Why the log could not be written to, such as a full disk. */
  failure: Error | undefined;
  #outputLeft = Number.POSITIVE_INFINITY;
  #onFlood = (): void => {};

  readonly #instance: string;

  /** @param instance what the lines of programs stand under */
  constructor(log: Log, instance = 'build') {
    this.log = log;
    this.#instance = instance;
  }

  /** Says something in Max's own name. */
  say(text: string): void {
    this.#append([{ at: Date.now(), instance: 'max', stream: 'system', text }]);
  }

  /** Calls `onFlood` once programs have printed so many bytes; what they print beyond is not stored. */
  limitOutput(bytes: number, onFlood: () => void): void {
    this.#outputLeft = bytes;
    this.#onFlood = onFlood;
  }

  /** Takes the bytes of a program's output; call the returned function at its end. */
  attach(output: NodeJS.ReadableStream, stream: LogLine['stream']): () => void {
    const splitter = new LineSplitter();
    const append = (lines: Array<{ text: string }>): void => {
      const at = Date.now();
      this.#append(lines.map(({ text }) => ({ at, instance: this.#instance, stream, text })));
    };
    output.on('data', (chunk: Buffer) => {
      if (this.#outputLeft < 0) return;
      this.#outputLeft -= chunk.length;
      if (this.#outputLeft < 0) this.#onFlood();
      else append(splitter.push(chunk));
    });
    return () => append(splitter.flush(true));
  }

  /** The last lines, for the failure. */
  tail(lines = 20): string[] {
    const after = Math.max(0, this.log.last - lines * 2);
    return this.log
      .read(after, { lines: lines * 2 })
      .lines.filter((line) => line.stream !== 'system')
      .slice(-lines)
      .map((line) => line.text);
  }

  /** Output arrives in events, where nobody would catch what is thrown. */
  #append(records: NewRecord[]): void {
    try {
      this.log.append(records);
    } catch (error) {
      this.failure ??= error as Error;
    }
  }
}
