import type { Readable } from 'node:stream';
import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
import fetch, { type Headers } from 'node-fetch';
import { onAbort } from '../on-abort.ts';
import { createAgents, type Trust } from './agents.ts';
import { requestUrl } from './server-url.ts';
import { Silence } from './silence.ts';
import { networkCode, timedOut, unreachable } from './unreachable.ts';
import { type Upload, upload } from './upload.ts';

/** How requests leave this machine: one policy for everything that rig sends by HTTP. */
export interface TransportOptions extends Trust {
  userAgent: string;
  /** Aborts everything under way. */
  signal?: AbortSignal | undefined;
  /** Told of every answer in a line, for `--verbose`: method, path, status, time and request id. */
  onReply?: ((line: string) => void) | undefined;
  /** Milliseconds a server may keep silent; 30,000 unless said. */
  defaultTimeout?: number | undefined;
}

/** One request, complete but for what the transport adds. */
export interface TransportRequest {
  server: string;
  method: string;
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
  headers: Record<string, string>;
  body?: string | Uint8Array | Readable | undefined;
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** An answer as it came. */
export interface TransportReply {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends requests and reads whole answers; every failure of the network is a RigError. */
export interface Transport {
  /** @throws RigError `RIG_UNREACHABLE` (6), `RIG_TIMEOUT` (7), `RIG_INTERRUPTED` (130), `RIG_BAD_ANSWER` */
  send(request: TransportRequest): Promise<TransportReply>;
  /** Closes the connections that were kept. */
  dispose(): void;
}

const LARGEST_ANSWER = 128 * 1024 * 1024;
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Tells whether sending a request again can do no harm and is possible: the rule for every kind of retry. */
export function mayRepeat(request: Pick<TransportRequest, 'method' | 'body'>): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && request.body === undefined;
}

const interrupted = (reason: unknown): RigError =>
  isRigError(reason)
    ? reason
    : new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted, cause: reason });

function tooLarge(server: string, what: string): RigError {
  return new RigError({
    code: 'RIG_BAD_ANSWER',
    message: `the answer of ${server} to ${what} is larger than ${LARGEST_ANSWER / 1024 / 1024} MiB`,
    hint: 'ask for less at a time',
  });
}

/** Makes a transport on node-fetch: uploads stream, connections are kept, redirects are handed back unfollowed. */
export function createTransport(options: TransportOptions): Transport {
  const agents = createAgents(options);
  const ended = new AbortController();

  async function once(
    request: TransportRequest,
  ): Promise<{ reply: TransportReply } | { error: unknown; reused: boolean; begun: boolean }> {
    const url = requestUrl(request.server, request.path, request.query);
    const what = `${request.method} ${url.pathname}`;
    const stops = [options.signal, request.signal, ended.signal].filter((signal) => signal !== undefined);
    for (const signal of stops) if (signal.aborted) throw interrupted(signal.reason);
    const control = new AbortController();
    const stop = (): void => control.abort();
    const forgets = stops.map((signal) => onAbort(signal, stop));
    const ms = request.timeout ?? options.defaultTimeout ?? 30_000;
    const silence = new Silence(ms, stop);
    let sent: Upload | undefined;
    let reused = false;
    let begun = false;
    try {
      silence.arm();
      const { body } = request;
      sent = body === undefined || typeof body === 'string' ? undefined : upload(body, silence);
      const headers = {
        accept: 'application/json, application/problem+json',
        'user-agent': options.userAgent,
        ...request.headers,
      };
      const agent = agents.of(url);
      const attempt = agents.watch(() =>
        fetch(url, {
          method: request.method,
          headers: body instanceof Uint8Array ? { ...headers, 'content-length': String(body.length) } : headers,
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : (sent as Upload).stream }),
          redirect: 'manual',
          agent,
          signal: control.signal,
        }),
      );
      reused = attempt.reused;
      const response = await attempt.started;
      begun = true;
      silence.arm();
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of response.body ?? []) {
        silence.arm();
        size += part.length;
        if (size > LARGEST_ANSWER) throw tooLarge(request.server, what);
        parts.push(part as Buffer);
      }
      return {
        reply: { status: response.status, headers: response.headers, text: Buffer.concat(parts).toString('utf8') },
      };
    } catch (error) {
      if (sent?.failure) throw sent.failure.error;
      for (const signal of stops) if (signal.aborted) throw interrupted(signal.reason);
      if (silence.broken) throw timedOut(request.server, what, ms);
      if (isRigError(error)) throw error;
      return { error, reused, begun };
    } finally {
      silence.rest();
      for (const forget of forgets) forget();
      // Answered before the whole body was taken: the rest is of no use to anybody.
      if (sent && !sent.finished) {
        sent.destroy();
        control.abort();
      }
    }
  }

  return {
    async send(request) {
      const started = Date.now();
      let outcome = await once(request);
      // The server may close a kept connection in the moment it is used again: that is nobody's failure.
      if (
        'error' in outcome &&
        outcome.reused &&
        !outcome.begun &&
        CUT.has(networkCode(outcome.error)) &&
        mayRepeat(request)
      ) {
        outcome = await once(request);
      }
      if ('error' in outcome) throw unreachable(request.server, outcome.error);
      const { status, headers } = outcome.reply;
      const id = headers.get('x-request-id');
      options.onReply?.(
        `${request.method} ${request.path} ${status}, ${Date.now() - started} ms${id ? `, ${id}` : ''}`,
      );
      return outcome.reply;
    },
    dispose() {
      ended.abort();
      agents.destroy();
    },
  };
}
