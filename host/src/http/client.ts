import { randomUUID } from 'node:crypto';
import type { Http, HttpOptions, HttpReply, Target } from '@rig/plugin-api';
import { RigError } from '@rig/plugin-api';
import { MAX_API_HEADER, type Page } from '@rig/plugin-api/max';
import { type Asked, readAnswer } from './answer.ts';
import { checkHeaders } from './headers.ts';
import { normaliseServer, requestUrl, requireSecure } from './server-url.ts';
import { createTransport, type Transport, type TransportOptions, type TransportReply } from './transport.ts';

/** The value of the hook `http:request`. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  headers: Record<string, string>;
}

/** What the HTTP service is made of. */
export interface HttpServiceOptions extends TransportOptions {
  /** The chosen server, asked at each request. */
  target: () => Target;
  /** The bearer token of a request; `undefined` sends none. */
  token: () => Promise<string | undefined>;
  /** Called with the token that was answered by 401: gives a new one to try once more with. */
  onUnauthorized?: ((rejected: string) => Promise<string | undefined>) | undefined;
  /** Fires `http:request`, before Authorization is set. */
  tapRequest?: ((head: RequestHead) => Promise<RequestHead>) | undefined;
  /** A transport to share; it is then not closed by `dispose`. */
  transport?: Transport | undefined;
}

/** The HTTP service and its end. */
export interface HttpService extends Http {
  /** Closes the connections that were kept and ends requests under way. */
  dispose(): void;
}

function ownHeaders(options: HttpOptions): Record<string, string> {
  const headers = checkHeaders(options.headers ?? {}, 'a command');
  if (options.json !== undefined) headers['content-type'] ??= 'application/json';
  if (options.body !== undefined) headers['content-type'] ??= 'application/octet-stream';
  if (options.idempotencyKey !== undefined) {
    headers['idempotency-key'] = options.idempotencyKey === true ? randomUUID() : options.idempotencyKey;
  }
  if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch;
  return checkHeaders(headers, 'a command');
}

/** Makes the HTTP service: to the chosen Max alone, signed in, every failure a RigError. */
export function createHttp(options: HttpServiceOptions): HttpService {
  const transport = options.transport ?? createTransport(options);

  async function request<T>(method: string, path: string, given: HttpOptions = {}): Promise<HttpReply<T>> {
    if (given.json !== undefined && given.body !== undefined)
      throw new TypeError('a request has either "json" or "body"');
    const server = normaliseServer(options.target().server);
    const url = requestUrl(server, path, given.query);
    const asked: Asked = { server, what: `${method} ${url.pathname}` };
    let headers = ownHeaders(given);
    if (options.tapRequest) {
      const head = await options.tapRequest({ method, path: url.pathname + url.search, headers: { ...headers } });
      headers = checkHeaders(head.headers, 'a plugin that taps http:request');
    }
    const body = given.json === undefined ? given.body : JSON.stringify(given.json);
    const send = (token: string | undefined): Promise<TransportReply> => {
      if (token !== undefined) requireSecure(server);
      return transport.send({
        server,
        method,
        path,
        query: given.query,
        headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
        body,
        timeout: given.timeout,
        signal: given.signal,
      });
    };
    const token = await options.token();
    let reply = await send(token);
    // A stream has been read by now and cannot be sent again.
    const repeatable = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const refused = reply.status === 401 && reply.headers.has(MAX_API_HEADER);
    if (refused && token !== undefined && repeatable && options.onUnauthorized) {
      const renewed = await options.onUnauthorized(token);
      if (renewed !== undefined && renewed !== token) reply = await send(renewed);
    }
    const { data, requestId } = readAnswer(asked, reply);
    return {
      status: reply.status,
      data: data as T,
      etag: reply.headers.get('etag') ?? undefined,
      requestId,
      header: (name) => reply.headers.get(name) ?? undefined,
    };
  }

  async function* pages<T>(
    path: string,
    given: HttpOptions & { limit?: number } = {},
  ): AsyncGenerator<T, void, undefined> {
    const { limit, ...rest } = given;
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const { data } = await request<Page<T>>('GET', path, { ...rest, query: { ...rest.query, limit, cursor } });
      const next: unknown = data?.next;
      if (!Array.isArray(data?.items) || (next !== null && typeof next !== 'string'))
        throw brokenPage(path, 'it is not a page');
      yield* data.items;
      // The same cursor twice would ask for ever.
      if (typeof next === 'string' && seen.has(next)) throw brokenPage(path, 'its pages go round in a circle');
      cursor = next ?? undefined;
      if (cursor !== undefined) seen.add(cursor);
    } while (cursor !== undefined);
  }

  return {
    request,
    get: async <T>(path: string, given?: HttpOptions) => (await request<T>('GET', path, given)).data,
    post: async <T>(path: string, given?: HttpOptions) => (await request<T>('POST', path, given)).data,
    pages,
    dispose() {
      if (options.transport === undefined) transport.dispose();
    },
  };
}

const brokenPage = (path: string, why: string): RigError =>
  new RigError({
    code: 'RIG_BAD_ANSWER',
    message: `the list ${path} of Max cannot be read: ${why}`,
    hint: 'update that Max, or rig',
  });
