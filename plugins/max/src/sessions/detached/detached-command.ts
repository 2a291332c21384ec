import { join } from 'node:path';
import type { SessionEnd } from '@rig/plugin-api/max';
import type { EngineProcess, ExitStatus } from '../../engine/engine.ts';
import { identityOf, signalGroup } from '../../engine/process-table.ts';
import type { DetachedRow, DetachedRows, Ending } from './detached-rows.ts';
import { exitOf, readExitStatus } from './exit-status.ts';
import { KeptOutput } from './kept-output.ts';

/** Name of the file with a command's exit status, in its folder. */
export const STATUS_FILE = 'exit-status';

const TRIM_EVERY_MS = 1_000;
/** The longest time that a timer takes; a later end is looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How a command ended, and when. */
export interface Ended {
  endedAt: string;
  end: SessionEnd;
}

/** What a detached command works with. */
export interface DetachedContext {
  rows: DetachedRows;
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
  /** Stores how it ended; resolves once that is done. */
  finish(ended: Ended): Promise<void>;
  report(text: string): void;
}

/** A detached command that runs: its process, its limit, and how it ends. */
export class DetachedCommand {
  readonly id: string;
  readonly outputs: readonly KeptOutput[];
  /** Resolves once it has ended and that is stored. */
  readonly done: Promise<void>;
  readonly #context: DetachedContext;
  readonly #process: EngineProcess;
  readonly #folder: string;
  readonly #startedAt: string;
  readonly #trimmer: NodeJS.Timeout;
  #limit: NodeJS.Timeout | undefined;
  #ending: Ending | null;
  #trimming = false;
  #released = false;

  /** @param folder where its output lies */
  constructor(row: DetachedRow, process: EngineProcess, folder: string, context: DetachedContext) {
    this.id = row.id;
    this.#context = context;
    this.#process = process;
    this.#folder = folder;
    this.#startedAt = row.startedAt;
    this.#ending = row.ending;
    this.outputs = outputsOf(row, folder);
    this.#trimmer = setInterval(() => void this.#trim(), TRIM_EVERY_MS).unref();
    this.done = process.exited.then((status) => this.#ended(status));
    if (row.endsAt !== null) this.#endAt(Date.parse(row.endsAt));
    // An earlier Max was ending it.
    if (row.ending !== null) void this.stop(row.ending);
  }

  /** Ends it and all that it started: politely, and after a while by force. */
  async stop(why: Ending): Promise<void> {
    this.#ending ??= why;
    try {
      this.#context.rows.ending(this.id, why);
    } catch (error) {
      this.#context.report(`why ${this.id} is ended could not be stored: ${(error as Error).message}`);
    }
    await this.#process.stop(this.#context.graceMs);
    await this.done;
  }

  /** Sends a signal to all that runs of it. */
  signal(name: NodeJS.Signals): void {
    const { pid, identity } = this.#process.record;
    if (identityOf(pid) === identity) signalGroup(pid, name);
  }

  /** Lets go of it: Max ends, it runs on. */
  release(): void {
    this.#released = true;
    clearInterval(this.#trimmer);
    clearTimeout(this.#limit);
  }

  async #ended(status: ExitStatus): Promise<void> {
    if (this.#released) return;
    clearInterval(this.#trimmer);
    clearTimeout(this.#limit);
    await this.#trim();
    await this.#context.finish(await endOf({ startedAt: this.#startedAt, ending: this.#ending }, this.#folder, status));
  }

  #endAt(time: number): void {
    const left = time - Date.now();
    this.#limit = setTimeout(
      () => {
        if (left > LONGEST_TIMER_MS) this.#endAt(time);
        else void this.stop('timeout');
      },
      Math.min(Math.max(left, 0), LONGEST_TIMER_MS),
    ).unref();
  }

  async #trim(): Promise<void> {
    if (this.#trimming || this.#released) return;
    this.#trimming = true;
    try {
      for (const output of this.outputs)
        await output.trim((start) => this.#context.rows.dropped(this.id, output.stream, start));
    } catch (error) {
      this.#context.report(`the output of ${this.id} cannot be held to its limit: ${(error as Error).message}`);
    } finally {
      this.#trimming = false;
    }
  }
}

/** Both streams of a command. */
export function outputsOf(row: Pick<DetachedRow, 'stdoutStart' | 'stderrStart'>, folder: string): KeptOutput[] {
  return [new KeptOutput(folder, 'stdout', row.stdoutStart), new KeptOutput(folder, 'stderr', row.stderrStart)];
}

/** How a command ended: by what it left itself, else by what was seen of its end, which may be nothing. */
export async function endOf(
  { startedAt, ending }: Pick<DetachedRow, 'startedAt' | 'ending'>,
  folder: string,
  seen: Pick<ExitStatus, 'code' | 'signal'> | undefined,
): Promise<Ended> {
  const left = await readExitStatus(join(folder, STATUS_FILE));
  const { code, signal } = left === undefined ? (seen ?? { code: null, signal: null }) : exitOf(left.status);
  // The file's time may be coarser than the clock.
  const at = Math.max(left?.at.getTime() ?? Date.now(), Date.parse(startedAt));
  const unseen = code === null && signal === null && ending === null;
  const end: SessionEnd = {
    reason: ending ?? 'exited',
    code,
    signal,
    durationMs: at - Date.parse(startedAt),
    ...(unseen ? { detail: 'it ended, or was killed, while Max was not there to see how' } : {}),
  };
  return { endedAt: new Date(at).toISOString(), end };
}
