import { type Block, type Cell, type RigError, value } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';

/** How the text of a stream is written: what is no UTF-8 is base64, so that nothing is lost. */
export type Encoding = 'utf8' | 'base64';

/** A command that has ended, with all that it wrote: `-o json`. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  /** How the two are written. */
  encoding: { stdout: Encoding; stderr: Encoding };
  /** As a shell has it, 128 and the number of the signal; `null` where nobody saw it end. */
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  release: number | null;
  instance: string | null;
  /** Why it ended: `exited` by itself, `timeout`, `stopped` and so on. */
  reason: SessionEnd['reason'];
  /** Why it failed, where it did not run. */
  detail?: string;
  session: string;
}

/** Where it could not be run, or followed, on an instance of several: what is known of that, and of what it wrote. */
export type CommandFailure = Pick<CommandResult, 'stdout' | 'stderr' | 'encoding'> & FailureRecord;

/** The same as a record. */
export interface FailureRecord {
  instance: string;
  error: { code: string; message: string; hint?: string; exitCode: number };
}

/** A piece of what a command writes, as it comes: a record of `-o ndjson`. */
export type CommandRecord =
  | {
      stream: 'stdout' | 'stderr';
      instance: string | null;
      /** A line without its end; base64 where it is no UTF-8. */
      text: string;
      encoding?: 'base64';
      /** `false` where no line end follows: the last line, or a part of one that is very long. */
      newline?: false;
    }
  | { stream: 'stdout' | 'stderr'; instance: string | null; missing: number }
  | FailureRecord
  | ({ end: SessionEnd['reason'] } & Omit<CommandResult, 'stdout' | 'stderr' | 'encoding' | 'reason'>);

/** A command that was left to itself: `--detach`. */
export type Detached = Pick<Session, 'id' | 'app' | 'network' | 'instance' | 'release' | 'argv' | 'startedAt'>;

/** What of an end all machine forms tell. */
export function endFields(session: Session, end: SessionEnd, exitCode: number | undefined) {
  return {
    exitCode: exitCode ?? null,
    signal: end.signal,
    durationMs: end.durationMs,
    release: session.release,
    instance: session.instance,
    ...(end.detail === undefined ? {} : { detail: end.detail }),
    session: session.id,
  };
}

/** How an error is told of one instance, while others go on. */
export function failureOf(instance: string, { code, message, hint, exitCode }: RigError): FailureRecord {
  return { instance, error: { code, message, ...(hint === undefined ? {} : { hint }), exitCode } };
}

/** What `rig command` gives: the table form is of detached commands alone, for others write themselves. */
export type CommandValue =
  | CommandResult
  | Array<CommandResult | CommandFailure>
  | CommandRecord
  | Detached
  | Detached[];

const isDetached = (item: object): item is Detached => 'id' in item;

const listOf = (item: CommandValue): Detached[] => (Array.isArray(item) ? item : [item]).filter(isDetached);

function view(item: CommandValue): readonly Block[] {
  const all = listOf(item);
  const rows = all.map(({ id, instance, release }): Cell[] => [id, instance, release === null ? null : `v${release}`]);
  return [{ columns: ['ID', 'INSTANCE', 'RELEASE'], rows }];
}

/** How it is shown. */
export const commandValue = value<CommandValue>(view, (item) =>
  listOf(item)
    .map(({ id }) => id)
    .join('\n'),
);
