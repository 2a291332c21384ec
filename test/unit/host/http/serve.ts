import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp, type HttpService, type HttpServiceOptions } from '../../../../host/src/http/index.ts';

/** A real HTTP server on a port of its own, and what it was asked. */
export interface Served {
  url: string;
  port: number;
  asked: http.IncomingMessage[];
  server: http.Server;
  close(): Promise<void>;
}

const MAX = { 'max-api': '1', 'x-request-id': 'req_1' };

/** Starts a server that answers by `handler`. */
export async function serve(handler: http.RequestListener): Promise<Served> {
  const asked: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    server,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers as a Max does. */
export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { ...MAX, 'content-type': type, ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

/** An HTTP service that speaks to one server. */
export function client(server: string, options: Partial<HttpServiceOptions> = {}): HttpService {
  return createHttp({
    target: () => ({ context: 'test', server }),
    token: async () => 'sentinel-access-token',
    userAgent: 'rig/test',
    ...options,
  });
}

/** The RigError that a promise rejects with; fails where it does not. */
export async function failure(work: Promise<unknown>): Promise<{
  code: string;
  message: string;
  hint: string | undefined;
  exitCode: number;
  requestId: string | undefined;
  details: Record<string, unknown> | undefined;
}> {
  try {
    await work;
  } catch (error) {
    return error as never;
  }
  throw new Error('it did not fail');
}
