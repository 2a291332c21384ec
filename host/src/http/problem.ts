import { ExitCode, RigError } from '@rig/plugin-api';
import type { Problem } from '@rig/plugin-api/max';
import { plainText } from './plain-text.ts';
import { loginCommand } from './server-url.ts';

/** An error answer of Max as it came. */
export interface ProblemAnswer {
  server: string;
  status: number;
  body: unknown;
  requestId: string | undefined;
  retryAfter: string | undefined;
}

const BY_STATUS: Record<number, number> = {
  400: ExitCode.Usage,
  401: ExitCode.Denied,
  403: ExitCode.Denied,
  404: ExitCode.NotFound,
  408: ExitCode.TimedOut,
  409: ExitCode.Conflict,
  410: ExitCode.NotFound,
  412: ExitCode.Conflict,
  422: ExitCode.Usage,
  429: ExitCode.Unreachable,
  502: ExitCode.Unreachable,
  503: ExitCode.Unreachable,
  504: ExitCode.TimedOut,
};

/** The exit code of a problem: by its status, but for 422, which says several kinds of things. */
export function exitCodeOf(status: number, code: string): number {
  if (status === 422 && code.includes('CONFLICT')) return ExitCode.Conflict;
  if (FAILED.has(code)) return ExitCode.Failed;
  return BY_STATUS[status] ?? ExitCode.Failed;
}

/** Codes that say more than their status does: what was sent is damaged; too much of it is open already. */
const FAILED: ReadonlySet<string> = new Set(['RIG_DIGEST_MISMATCH', 'RIG_TOO_MANY_SESSIONS']);

/** Tells whether a body is a problem document that rig can show. */
export function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { code, detail, title } = body as Partial<Problem>;
  return (
    typeof code === 'string' &&
    /^RIG_[A-Z0-9_]{1,60}$/.test(code) &&
    (typeof detail === 'string' || typeof title === 'string')
  );
}

function seconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function hintOf(answer: ProblemAnswer, problem: Problem, retryAfter: number | undefined): string | undefined {
  const fix = plainText(problem.fix);
  if (fix !== '') return fix;
  if (answer.status === 401) return `sign in with: ${loginCommand(answer.server)}`;
  if (retryAfter !== undefined) return `try again in ${retryAfter} s`;
  return undefined;
}

/** Makes the error of a problem document: Max's code, detail, fix and request id, and the exit code of its status. */
export function problemError(answer: ProblemAnswer, problem: Problem): RigError {
  const retryAfter = seconds(answer.retryAfter);
  const requestId = plainText(problem.requestId, 100) || answer.requestId;
  const hint = hintOf(answer, problem, retryAfter);
  return new RigError({
    code: problem.code,
    message: plainText(problem.detail) || plainText(problem.title) || problem.code,
    exitCode: exitCodeOf(answer.status, problem.code),
    details: { status: answer.status, server: answer.server, ...(retryAfter === undefined ? {} : { retryAfter }) },
    ...(hint === undefined ? {} : { hint }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
