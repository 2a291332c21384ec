import type { IncomingMessage } from 'node:http';
import type { ProblemCode, Scope } from '@rig/plugin-api/max';
import type { Principal } from '../auth/authority.ts';

/** What a handler answers: `body` is sent as JSON, `text` as it is, with the media type of the route. */
export interface Answer {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** One request, after its token, parameters and body were checked. */
export interface RouteRequest {
  incoming: IncomingMessage;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** The parsed body: a JSON value, or the fields of a form. */
  body: unknown;
  /** Who asks; only routes of scope `none` have nobody. */
  principal: Principal;
  requestId: string;
}

/** What a JSON body or a form may have, for the OpenAPI document. */
export interface BodyShape {
  kind: 'json' | 'form' | 'pack';
  /** Bytes; 1 MiB unless said. Packs have no limit. */
  maxBytes?: number;
  /** An OpenAPI schema, or the name of one. */
  schema: string;
  /** May it be left out? */
  optional?: boolean;
}

/** A query parameter, for the OpenAPI document. */
export interface QueryShape {
  name: string;
  description: string;
  type: 'integer' | 'string';
  /** The values that it may have. */
  values?: readonly (string | number)[];
}

/** One route of the API: what the router serves and what the OpenAPI document says. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/v1/networks/:network`. */
  path: string;
  /** What its operation is called, where its path alone would name another route's. */
  operationId?: string;
  /** One sentence. */
  summary: string;
  /** What the token must be allowed; `any`: any token, `none`: no token. */
  scope: Scope | 'any' | 'none';
  body?: BodyShape;
  query?: readonly QueryShape[];
  /** The schema of each good answer by status; `null` for one without a body. */
  answers: Readonly<Record<number, string | null>>;
  /** The media type of good answers that are no JSON. */
  mediaType?: string;
  /** The codes of its problems beside those of every route. */
  problems?: readonly ProblemCode[];
  /** Its answers are those of RFC 6749, without problem documents. */
  oauth?: boolean;
  /** It takes something new in: refused while the disk has no more room than Max leaves for what must go on. */
  adds?: true;
  /** Its answer is a resource with an ETag. */
  etag?: boolean;
  /**
   * Answers a request. A function as answer is run as one transaction, together with what is kept for its
   * `Idempotency-Key`: it must be synchronous.
   */
  handle(request: RouteRequest): Answer | Commit | Promise<Answer | Commit>;
}

/** The part of a handler that writes. */
export type Commit = () => Answer;
