import { endProcesses } from './processes.ts';
import type { TargetEnd } from './target.ts';

/** How long what a program leaves behind may take to end: it is hung up, then ended by force. */
const LEFT_BEHIND_MS = 1_000;

/** A program that is to run in a session. */
export interface ProgramSpec {
  /** The session's id: marks its processes, so that they are found whatever happens to Max. */
  id: string;
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  /** One of several programs of its session: what it leaves behind ends with that, as a daemon that it has started. */
  isPart?: boolean;
}

/** The end of a program and of everything that it started: what it leaves behind goes with it. */
export class ProgramLife {
  /** Marks what belongs to it; `undefined` where only its own processes do. */
  readonly #id: string | undefined;
  readonly #isPart: boolean;
  readonly #pid: number;
  readonly #polite: NodeJS.Signals;
  #over = false;
  #stopping = false;

  /** @param polite what asks it to end */
  constructor({ id, isPart = false }: Pick<ProgramSpec, 'id' | 'isPart'>, pid: number, polite: NodeJS.Signals) {
    this.#id = isPart ? undefined : id;
    this.#isPart = isPart;
    this.#pid = pid;
    this.#polite = polite;
  }

  /** Whether the program itself has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** Gives its end on, once nothing is left. */
  async end(exited: Promise<TargetEnd>): Promise<TargetEnd> {
    const end = await exited;
    this.#over = true;
    if (!this.#isPart) await endProcesses(this.#id, this.#pid, { signal: 'SIGHUP', graceMs: LEFT_BEHIND_MS });
    return end;
  }

  /** Ends it. */
  stop(graceMs: number): void {
    if (this.#stopping || this.#over) return;
    this.#stopping = true;
    void endProcesses(this.#id, this.#pid, { signal: this.#polite, graceMs, isLeading: () => !this.#over });
  }
}
