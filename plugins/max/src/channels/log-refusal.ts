import { STATUS_CODES } from 'node:http';
import type { LogFailed } from '@rig/plugin-api/max';
import { PatternTooSlow } from '../logs/pattern-worker.ts';
import { BadSelection } from '../logs/selection.ts';
import { error, type Reply } from '../socket/index.ts';

/** What mends a pattern that takes too long. */
export const SLOW_PATTERN_FIX =
  'write it without a repetition within a repetition, such as (a+)+, or look for a plain word';

/** What a follower is told of a log that cannot be read on. */
export function failedOf(problem: Error): LogFailed {
  if (problem instanceof PatternTooSlow)
    return { code: 'RIG_PATTERN_TOO_SLOW', detail: problem.message, fix: SLOW_PATTERN_FIX };
  return { code: 'RIG_INTERNAL', detail: `the log cannot be read: ${problem.message}`, fix: 'see: rig max logs' };
}

/** Refuses a join whose params cannot be followed. @throws what it has no answer for */
export function refuseSelection(problem: unknown): Reply {
  if (problem instanceof BadSelection) return refusal(400, 'RIG_BAD_REQUEST', problem.message);
  if (!(problem instanceof PatternTooSlow)) throw problem;
  const { code, detail, fix } = failedOf(problem);
  return refusal(422, code, detail, fix);
}

function refusal(status: number, code: LogFailed['code'], detail: string, fix?: string): Reply {
  const title = STATUS_CODES[status] ?? '';
  return error({
    reason: 'bad_request',
    type: 'about:blank',
    status,
    title,
    detail,
    code,
    ...(fix === undefined ? {} : { fix }),
  });
}
