import { STATUS_CODES } from 'node:http';
import type { Problem, ProblemCode } from '@rig/plugin-api/max';
import { error, type Reply } from '../socket/index.ts';

/** Why a join is refused, as the contract names it. */
export type JoinRefusal = 'forbidden' | 'not_found';

/** What is said of a thing that is not there. */
interface Missing {
  code: ProblemCode;
  /** `the app`, `the network`, … */
  what: string;
  fix: string;
}

const MISSING: Record<string, Missing> = {
  session: {
    code: 'RIG_SESSION_NOT_FOUND',
    what: 'the session',
    fix: 'begin another',
  },
  app: { code: 'RIG_APP_NOT_FOUND', what: 'the app', fix: 'see which there are: rig list apps' },
  network: { code: 'RIG_NETWORK_NOT_FOUND', what: 'the network', fix: 'see which there are: rig list networks' },
  build: { code: 'RIG_BUILD_NOT_FOUND', what: 'the build', fix: 'see which there are: rig list builds' },
  deployment: {
    code: 'RIG_DEPLOYMENT_NOT_FOUND',
    what: 'the deployment',
    fix: 'see how its app fares: rig status app',
  },
};

/** Refuses a join of a session that has ended and cannot be joined any more. */
export function refuseEnded(detail: string): Reply {
  return error({ reason: 'ended', ...problem(409, 'RIG_SESSION_ENDED', detail, 'begin another') });
}

/** Refuses a join of what speaks in bytes, which the first version of the protocol cannot carry. */
export function refuseVersion(topic: string): Reply {
  const detail = `${topic} speaks in bytes, which version 1 of the protocol cannot carry`;
  return error({ reason: 'bad_request', ...problem(400, 'RIG_BAD_REQUEST', detail, 'connect with vsn=2.0.0') });
}

/** Refuses a join: the reason, and the problem that an HTTP request for the same thing would get. */
export function refuseJoin(topic: string, reason: JoinRefusal): Reply {
  return error({ reason, ...problemOf(topic, reason) });
}

function problemOf(topic: string, reason: JoinRefusal): Omit<Problem, 'requestId'> {
  if (reason === 'forbidden')
    return problem(
      403,
      'RIG_FORBIDDEN',
      `this token may not follow ${topic}`,
      'sign in with a token that may: rig login',
    );
  const kind = topic.split(':').at(-2) ?? '';
  const missing = MISSING[kind];
  if (missing === undefined) return problem(404, 'RIG_NOT_FOUND', `there is nothing to follow at ${topic}`);
  const { code, what, fix } = missing;
  return problem(404, code, `${what} of ${topic} is not there: it was deleted, or never was`, fix);
}

function problem(status: number, code: ProblemCode, detail: string, fix?: string): Omit<Problem, 'requestId'> {
  const title = STATUS_CODES[status] ?? '';
  return { type: 'about:blank', status, title, detail, code, ...(fix === undefined ? {} : { fix }) };
}
