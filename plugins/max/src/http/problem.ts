import { STATUS_CODES } from 'node:http';
import type { Problem } from '@rig/plugin-api/max';
import { isDiskFull, isDiskRefusal, isOutOfFiles } from '../store/disk-errors.ts';
import type { DiskRoom } from '../store/disk-room.ts';
import { ProblemError } from './problem-error.ts';

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Refuses what there is no room for. */
export function storageFull(detail: string, cause?: unknown): ProblemError {
  return new ProblemError(507, 'RIG_STORAGE_FULL', detail, {
    fix: 'make room on that disk (rig delete app removes an app with its builds), then try again',
    cause,
  });
}

/** Makes any failure a refusal that a client understands; what is nobody's business is only said to be internal. */
export function asProblemError(error: unknown, room: DiskRoom): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isDiskFull(error)) return storageFull(room.full(), error);
  if (isOutOfFiles(error)) return busy('Max has as many files open as the system allows', error);
  if ((error as { code?: unknown } | null)?.code === 'SQLITE_BUSY')
    return busy("Max's database is in use by another program", error);
  if (isDiskRefusal(error))
    return new ProblemError(
      500,
      'RIG_STORAGE_FAILED',
      `Max cannot use its files in ${room.dir}: ${(error as Error).message}`,
      { fix: 'see whether that disk is healthy and who may write there, then try again', cause: error },
    );
  return new ProblemError(500, 'RIG_INTERNAL', 'Max failed in a way that it does not know', {
    fix: 'look for the request id in the log: rig max logs',
    cause: error,
  });
}

function busy(detail: string, cause: unknown): ProblemError {
  return new ProblemError(503, 'RIG_BUSY', detail, {
    fix: 'try again in a moment',
    headers: { 'retry-after': '1' },
    cause,
  });
}

/** The document of a refusal. */
export function problemOf(error: ProblemError, requestId: string): Problem {
  return {
    type: 'about:blank',
    status: error.status,
    title: STATUS_CODES[error.status] ?? 'Error',
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}
