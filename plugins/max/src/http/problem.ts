import { STATUS_CODES } from 'node:http';
import type { Problem } from '@rig/plugin-api/max';
import { ProblemError } from './problem-error.ts';

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

const isFull = (code: unknown): boolean => code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL';

/** Makes any failure a refusal that a client understands; what is nobody's business is only said to be internal. */
export function asProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (isFull(code))
    return new ProblemError(507, 'RIG_STORAGE_FULL', 'Max has no room left on its disk', {
      fix: 'free some space on the disk that holds the state folder, then try again',
      cause: error,
    });
  if (code === 'SQLITE_BUSY')
    return new ProblemError(503, 'RIG_BUSY', "Max's database is in use by another program", {
      fix: 'try again in a moment',
      headers: { 'retry-after': '1' },
      cause: error,
    });
  return new ProblemError(500, 'RIG_INTERNAL', 'Max failed in a way that it does not know', {
    fix: 'look for the request id in the log: rig max logs',
    cause: error,
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
