import type { InstanceFailureCode } from '@rig/plugin-api/max';
import { describeExit, type ExitStatus } from '../engine/engine.ts';

/** What is known of the end of a process that nobody has asked to end. */
export interface Diagnosis {
  code: InstanceFailureCode;
  /** In a few words: `exit 1`, `SIGABRT, out of memory`. */
  how: string;
}

/** What a process says that aborts as its own heap is full, and in which of its last lines. */
const HEAP_FULL = /JavaScript heap out of memory/;
const MEMORY_ERROR = /^MemoryError\b/;

/** Tells why a process has ended, by its exit and by what it said last. */
export function diagnose(status: ExitStatus, lines: readonly string[]): Diagnosis {
  const how = describeExit(status);
  if (status.oomKilled || heapFull(status, lines)) return { code: 'RIG_OUT_OF_MEMORY', how: `${how}, out of memory` };
  const unknown = status.code === null && status.signal === null;
  return { code: status.code === 0 || unknown ? 'RIG_INSTANCE_ENDED' : 'RIG_INSTANCE_CRASHED', how };
}

function heapFull({ code, signal }: ExitStatus, lines: readonly string[]): boolean {
  const unknown = code === null && signal === null;
  const aborted = signal === 'SIGABRT' || code === 134;
  if (aborted || unknown) return lines.some((line) => HEAP_FULL.test(line));
  return code === 1 && MEMORY_ERROR.test(lines.at(-1) ?? '');
}
