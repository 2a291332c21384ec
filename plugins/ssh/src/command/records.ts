import type { Session, SessionEnd } from '@rig/plugin-api/max';
import type { StreamHole } from '../session/index.ts';
import { textOf } from './captured.ts';
import { programCode } from './ending.ts';
import type { CommandOutput } from './follow-session.ts';
import { type Line, Lines } from './lines.ts';
import { type CommandRecord, endFields, type FailureRecord } from './result.ts';

/** Records on their way to whoever reads them: a writer waits until the reader has asked for more. */
export class RecordQueue implements AsyncIterableIterator<CommandRecord> {
  #records: CommandRecord[] = [];
  #taken: Array<() => void> = [];
  #wake: () => void = () => {};
  #end: { error?: unknown } | undefined;

  /** Resolves once all that was put in before is taken. */
  put(records: readonly CommandRecord[]): Promise<void> {
    if (records.length === 0 || this.#end !== undefined) return Promise.resolve();
    this.#records.push(...records);
    this.#wake();
    return new Promise((resolve) => this.#taken.push(resolve));
  }

  /** Nothing more comes. */
  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** The reader fails of it, after what was put in before. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async next(): Promise<IteratorResult<CommandRecord>> {
    for (;;) {
      const record = this.#records.shift();
      if (record !== undefined) {
        if (this.#records.length === 0) this.#release();
        return { done: false, value: record };
      }
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<CommandRecord>> {
    this.end();
    this.#records = [];
    this.#release();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<CommandRecord> {
    return this;
  }

  #release(): void {
    for (const taken of this.#taken.splice(0)) taken();
  }
}

/** Makes records of what one command writes. */
export class Records implements CommandOutput {
  readonly #queue: RecordQueue;
  readonly #instance: string | null;
  readonly #lines = { stdout: new Lines(), stderr: new Lines() };

  constructor(queue: RecordQueue, { instance }: Pick<Session, 'instance'>) {
    this.#queue = queue;
    this.#instance = instance;
  }

  stdout(bytes: Buffer): Promise<void> {
    return this.#put('stdout', this.#lines.stdout.push(bytes));
  }

  stderr(bytes: Buffer): Promise<void> {
    return this.#put('stderr', this.#lines.stderr.push(bytes));
  }

  hole({ stream, from, to }: StreamHole): void {
    void this.#queue.put([{ stream, instance: this.#instance, missing: to - from }]);
  }

  /** The last lines, and how it ended. */
  async end(session: Session, end: SessionEnd): Promise<void> {
    await this.#last();
    await this.#queue.put([{ end: end.reason, ...endFields(session, end, programCode(end)) }]);
  }

  /** The last lines, and why there are no more of them. */
  async fail(failure: FailureRecord): Promise<void> {
    await this.#last();
    await this.#queue.put([failure]);
  }

  async #last(): Promise<void> {
    await this.#put('stdout', this.#lines.stdout.end());
    await this.#put('stderr', this.#lines.stderr.end());
  }

  #put(stream: 'stdout' | 'stderr', lines: Iterable<Line>): Promise<void> {
    const records = [...lines].map(({ bytes, ended }): CommandRecord => {
      const { text, encoding } = textOf(bytes);
      return {
        stream,
        instance: this.#instance,
        text,
        ...(encoding === 'base64' ? { encoding } : {}),
        ...(ended ? {} : { newline: false }),
      };
    });
    return this.#queue.put(records);
  }
}
