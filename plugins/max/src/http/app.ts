import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { MAX_API_HEADER, MAX_API_VERSION } from '@rig/plugin-api/max';
import { type Context, Hono } from 'hono';
import { redactTokens } from '../auth/token-value.ts';
import { newId } from '../store/ids.ts';
import { addressee } from './host-name.ts';
import { asProblemError } from './problem.ts';
import { ProblemError } from './problem-error.ts';
import type { Route } from './route.ts';
import { refusal } from './routes/oauth.ts';
import { type RawAnswer, type RouteRunner, rawAnswer, rawProblem, runRoute } from './run-route.ts';

type Env = { Bindings: HttpBindings };

/** What the API is made from. */
export interface ApiOptions extends RouteRunner {
  routes: readonly Route[];
  /** Writes a line to Max's log. */
  log(text: string): void;
}

function send(context: Context<Env>, raw: RawAnswer, requestId: string): Response {
  const headers = new Headers(raw.headers);
  headers.set(MAX_API_HEADER, MAX_API_VERSION);
  headers.set('x-request-id', requestId);
  headers.set('x-content-type-options', 'nosniff');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  const empty = raw.body.length === 0 || context.req.method === 'HEAD';
  if (empty && raw.status !== 204 && raw.status !== 304) headers.set('content-length', String(raw.body.length));
  return new Response(empty ? null : new Uint8Array(raw.body), { status: raw.status, headers });
}

/** The path and query of a request line that may also be a whole URL. */
function queryOf(incoming: IncomingMessage): URLSearchParams {
  const url = incoming.url ?? '';
  const mark = url.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
}

function methodsOf(routes: readonly Route[], path: string): string[] {
  const parts = path.split('/');
  const matches = routes.filter((route) => {
    const wanted = route.path.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, at) => (part.startsWith(':') ? parts[at] !== '' : part === parts[at]))
    );
  });
  return [...new Set(matches.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

function refuseUnknown(routes: readonly Route[], context: Context<Env>): ProblemError {
  const { method, path } = context.req;
  const allowed = methodsOf(routes, path);
  if (allowed.length === 0)
    return new ProblemError(404, 'RIG_NOT_FOUND', `there is no ${path} here`, {
      fix: 'see the routes at /openapi.json',
    });
  return new ProblemError(
    405,
    'RIG_BAD_REQUEST',
    `${path} cannot be asked with ${method}, only with ${allowed.join(', ')}`,
    {
      headers: { allow: allowed.join(', ') },
    },
  );
}

/** Makes the API out of its table of routes: a listener for Node's HTTP server. */
export function createApi(options: ApiOptions): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const { routes, log } = options;
  const app = new Hono<Env>({ strict: true });
  const ids = new WeakMap<IncomingMessage, string>();
  const idOf = (incoming: IncomingMessage): string => {
    let id = ids.get(incoming);
    if (id === undefined) {
      id = newId('req');
      ids.set(incoming, id);
    }
    return id;
  };
  const refuse = (context: Context<Env>, error: unknown): Response => {
    const problem = asProblemError(error, options.room);
    const requestId = idOf(context.env.incoming);
    if (problem.status >= 500) {
      const cause = problem.cause instanceof Error ? (problem.cause.stack ?? problem.cause.message) : problem.message;
      log(redactTokens(`${requestId} ${context.req.method} ${context.req.path}: ${cause}`));
    }
    return send(context, rawProblem(problem, requestId), requestId);
  };
  app.use(async (context, next) => {
    const { host } = context.env.incoming.headers;
    if (addressee(host) === 'api') return await next();
    return refuse(
      context,
      new ProblemError(421, 'RIG_BAD_REQUEST', `Max does not answer under the name ${JSON.stringify(host ?? '')}`, {
        fix: 'use 127.0.0.1 or localhost',
      }),
    );
  });
  for (const route of routes)
    app.on(route.method, route.path, async (context) => {
      const { incoming } = context.env;
      const requestId = idOf(incoming);
      const request = { params: context.req.param() as Record<string, string>, query: queryOf(incoming), requestId };
      try {
        return send(context, await runRoute(options, route, incoming, request), requestId);
      } catch (error) {
        const bad = route.oauth === true ? asProblemError(error, options.room) : undefined;
        if (bad === undefined || bad.status >= 500) throw error;
        return send(context, rawAnswer(refusal('invalid_request', bad.message)), requestId);
      }
    });
  app.notFound((context) => refuse(context, refuseUnknown(routes, context)));
  app.onError((error, context) => refuse(context, error));
  return listener(app);
}

/** An answer may go out while the client still sends: what it sends is read on for a while, so that it gets the answer. */
const DRAIN_BYTES = 64 * 1024 * 1024;
const DRAIN_MS = 5000;

function drain(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return;
  let bytes = 0;
  const timer = setTimeout(() => incoming.destroy(), DRAIN_MS);
  timer.unref();
  incoming.on('error', () => undefined);
  incoming.once('close', () => clearTimeout(timer));
  incoming.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > DRAIN_BYTES) incoming.destroy();
  });
  incoming.resume();
}

function listener(app: Hono<Env>) {
  const listen = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
    // Only a request line or Host that is no URL gets here: all else is answered by the app.
    errorHandler: () => {
      const requestId = newId('req');
      const raw = rawProblem(new ProblemError(400, 'RIG_BAD_REQUEST', 'the request line is not valid'), requestId);
      const headers = { ...raw.headers, [MAX_API_HEADER]: MAX_API_VERSION, 'x-request-id': requestId };
      return new Response(new Uint8Array(raw.body), { status: raw.status, headers });
    },
  });
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    outgoing.once('finish', () => drain(incoming));
    void listen(incoming, outgoing);
  };
}
