import type { Leader, Usage } from './usage.ts';

/** What an instance is started from. */
export interface StartSpec {
  /** The instance's id: marks its processes, so that they are found whatever happens to Max. */
  id: string;
  /** Where its output files lie. */
  folder: string;
  /** Where it runs. */
  cwd: string;
  command: readonly string[];
  /** The whole environment: nothing of Max's own is added. */
  env: Readonly<Record<string, string>>;
}

/** What must be stored of a process to find it again, and never a stranger with the same number. */
export interface ProcessRecord {
  pid: number;
  /** When it started, and in which run of the system. */
  identity: string;
}

/** How a process ended; code and signal are `null` for one that ended while nobody was its parent. */
export interface ExitStatus {
  code: number | null;
  signal: string | null;
  /** Whether the system ended it for want of memory. */
  oomKilled: boolean;
}

/** A running instance. */
export interface EngineProcess {
  readonly record: ProcessRecord;
  /** Resolves when it has ended, however that came. */
  readonly exited: Promise<ExitStatus>;
  /** Ends it and all that it started: politely, and after `graceMs` by force. */
  stop(graceMs: number): Promise<void>;
  /** TCP ports that it or its children listen on; `undefined` where the system does not tell. */
  openPorts(): Promise<number[] | undefined>;
}

/** Where instances run. */
export interface Engine {
  readonly name: string;
  /**
   * Starts an instance. `store` keeps the record; only when it has returned does the instance's own code run, so that a
   * crash of Max at any moment leaves either a record or no instance.
   */
  start(spec: StartSpec, store: (record: ProcessRecord) => void): Promise<EngineProcess>;
  /** Takes over an instance that an earlier Max started, or gives `undefined` when it no longer runs. */
  adopt(id: string, record: ProcessRecord): EngineProcess | undefined;
  /** Ends every process that bears the mark of one of these ids. */
  sweep(...ids: readonly string[]): Promise<void>;
  /** What instances use, by their ids, since the call before: one call at a time, for all of them. */
  usage(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>>;
}

/** The variable that marks every process of an instance or a build. */
export const MARK = 'MAX_PROCESS_ID';

/** Says an exit in a few words: `exit 1`, `SIGKILL`. */
export function describeExit({ code, signal }: Pick<ExitStatus, 'code' | 'signal'>): string {
  if (signal !== null) return signal;
  return code === null ? 'ended while Max was not there to see how' : `exit ${code}`;
}
