import type { IncomingMessage } from 'node:http';
import type { Authority } from '../auth/authority.ts';
import type { Database } from '../store/database.ts';
import type { DiskRoom } from '../store/disk-room.ts';
import type { KeptAnswer } from '../store/idempotency.ts';
import { authenticate } from './authenticate.ts';
import { BODY_LIMIT, parseBody, readBody } from './body.ts';
import { etagOf, isFresh } from './etag.ts';
import { fingerprint, type Idempotency, idempotencyKeyOf } from './idempotency.ts';
import { asProblemError, PROBLEM_TYPE, problemOf, storageFull } from './problem.ts';
import type { ProblemError } from './problem-error.ts';
import type { Answer, Route, RouteRequest } from './route.ts';

/** An answer as bytes. */
export type RawAnswer = Omit<KeptAnswer, 'request'>;

/** What running a route needs. */
export interface RouteRunner {
  authority: Authority;
  database: Database;
  idempotency: Idempotency;
  room: DiskRoom;
}

/** An answer's value as bytes. */
export function rawAnswer({ status, body, headers = {} }: Answer): RawAnswer {
  if (body === undefined) return { status, headers, body: Buffer.alloc(0) };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function textAnswer({ mediaType = 'text/plain; charset=utf-8' }: Route, answer: Answer, text: string): RawAnswer {
  return { status: answer.status, headers: { 'content-type': mediaType, ...answer.headers }, body: Buffer.from(text) };
}

function rawOf(route: Route, answer: Answer, incoming: IncomingMessage): RawAnswer {
  const raw = answer.text === undefined ? rawAnswer(answer) : textAnswer(route, answer, answer.text);
  if (route.etag !== true || raw.body.length === 0 || raw.status >= 300) return raw;
  const etag = etagOf(raw.body);
  const headers = { ...raw.headers, etag, 'cache-control': 'private, no-cache' };
  if (incoming.method === 'GET' && isFresh(incoming.headers['if-none-match'], etag))
    return { status: 304, headers: { etag }, body: Buffer.alloc(0) };
  return { ...raw, headers };
}

/** A refusal as bytes. */
export function rawProblem(error: ProblemError, requestId: string): RawAnswer {
  const body = Buffer.from(JSON.stringify(problemOf(error, requestId)));
  return { status: error.status, headers: { ...error.headers, 'content-type': PROBLEM_TYPE }, body };
}

/**
 * Serves one request by its route: token, body, idempotency key, handler, and the handler's transaction.
 *
 * @throws ProblemError and whatever a handler throws
 */
export async function runRoute(
  runner: RouteRunner,
  route: Route,
  incoming: IncomingMessage,
  request: Pick<RouteRequest, 'params' | 'query' | 'requestId'>,
): Promise<RawAnswer> {
  const principal = authenticate(route, incoming, runner.authority);
  const lack = route.adds === true ? runner.room.lack() : undefined;
  if (lack !== undefined) throw storageFull(lack);
  const { body: shape } = route;
  const limit = shape?.maxBytes ?? BODY_LIMIT;
  const bytes = route.method === 'GET' || shape?.kind === 'pack' ? Buffer.alloc(0) : await readBody(incoming, limit);

  const answer = async (keep?: (made: RawAnswer) => void): Promise<RawAnswer> => {
    const body =
      shape === undefined || shape.kind === 'pack'
        ? undefined
        : parseBody(bytes, { ...shape, kind: shape.kind }, incoming.headers['content-type']);
    const header = (name: string): string | undefined => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const result = await route.handle({ ...request, incoming, header, body, principal });
    const finish = (made: Answer): RawAnswer => {
      const raw = rawOf(route, made, incoming);
      keep?.(raw);
      return raw;
    };
    if (typeof result === 'function') return runner.database.transaction(() => finish(result()));
    return finish(result);
  };

  const key = route.method === 'GET' || route.scope === 'none' ? undefined : idempotencyKeyOf(incoming);
  // A pack is idempotent by itself, and its body is not kept to be compared.
  if (key === undefined || shape?.kind === 'pack') return await answer();
  return await runner.idempotency.once(principal.user.id, key, fingerprint(incoming, bytes), async (keep) => {
    try {
      return await answer(keep);
    } catch (error) {
      const problem = asProblemError(error, runner.room);
      if (problem.status >= 500) throw error;
      const raw = rawProblem(problem, request.requestId);
      keep(raw);
      return raw;
    }
  });
}
