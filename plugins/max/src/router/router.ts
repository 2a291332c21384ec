import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppHost, parseAppHost } from './app-host.ts';
import { Balancer } from './balance.ts';
import { forward, hasBody } from './forward.ts';
import {
  answer,
  badGateway,
  badRequest,
  gatewayTimeout,
  noInstance,
  noRelease,
  noWeb,
  type RouterProblem,
  rawAnswer,
  stopped,
  unknownApp,
} from './pages.ts';
import type { Target } from './target.ts';
import { forwardUpgrade } from './upgrade.ts';

/** Where an app's requests go now. */
export interface Route {
  /** Whether there is a release at all. */
  deployed: boolean;
  /** Why it takes no requests: a person has stopped it, or it has no process for them. */
  closed?: 'stopped' | 'no-web';
  /** Instances that answer; replaced as a whole, never changed. */
  targets: readonly Target[];
}

/** Sends requests to the instances of the app that their Host names. */
export class Router {
  readonly #routeOf: (host: AppHost) => Route | undefined;
  readonly #balancer = new Balancer();

  /** @param routeOf the route at this moment, `undefined` for an app that is not there */
  constructor(routeOf: (host: AppHost) => Route | undefined) {
    this.#routeOf = routeOf;
  }

  /** Serves a request; never rejects. */
  async handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const problem = await this.#pass(req, res, requestId).catch((error: Error) => badRequest(error.message));
    if (problem !== undefined && !res.destroyed) answer(req, res, problem, requestId);
  }

  /** Serves an upgrade; never rejects. */
  async handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const requestId = randomUUID();
    const problem = await this.#passUpgrade(req, socket, head, requestId).catch((error: Error) =>
      badRequest(error.message),
    );
    if (problem !== undefined && !socket.destroyed) socket.end(rawAnswer(req, problem, requestId));
  }

  async #pass(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<RouterProblem | undefined> {
    const found = this.#find(req);
    if ('status' in found) return found;
    const { host, route, path } = found;
    const tried = new Set<Target>();
    let repeated = false;
    let error: Error | undefined;
    for (;;) {
      const target: Target | undefined = this.#balancer.choose(route.targets, tried);
      if (target === undefined) return error === undefined ? noInstance(host.app, host.network) : explain(host, error);
      const outcome = await forward(req, res, target, path, requestId);
      if (outcome.kind === 'done' || res.destroyed) return undefined;
      error = outcome.error;
      if (!outcome.again) return explain(host, error);
      // Once more to the same one: it may have closed an idle connection at that moment.
      if (repeated || route.targets.length > 1) tried.add(target);
      repeated = true;
    }
  }

  async #passUpgrade(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    requestId: string,
  ): Promise<RouterProblem | undefined> {
    const found = this.#find(req);
    if ('status' in found) return found;
    const { host, route, path } = found;
    // Its bytes and those of the new protocol could be told apart by guessing only.
    if (hasBody(req)) return badRequest('a request for an upgrade has a body');
    const target = this.#balancer.choose(route.targets);
    if (target === undefined) return noInstance(host.app, host.network);
    const error = await forwardUpgrade(req, socket, head, target, path, requestId);
    return error === undefined ? undefined : explain(host, error);
  }

  #find(req: IncomingMessage): RouterProblem | { host: AppHost; route: Route; path: string } {
    // RFC 9112, 3.2: an app must not see another host than the one it was found by.
    if (req.headersDistinct.host?.length !== 1) return badRequest('the request names its Host more than once');
    const host = parseAppHost(req.headers.host);
    const route = host === undefined ? undefined : this.#routeOf(host);
    if (host === undefined || route === undefined) return unknownApp(req.headers.host ?? '');
    if (!route.deployed) return noRelease(host.app, host.network);
    if (route.closed !== undefined) return (route.closed === 'stopped' ? stopped : noWeb)(host.app, host.network);
    const path = pathOf(req.url ?? '/');
    if (path === undefined) return badRequest(`the request target ${JSON.stringify(req.url)} has no path`);
    return { host, route, path };
  }
}

/** The path and query of a request target, also of one in absolute form. */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  const match = /^https?:\/\/[^/?#]*([^#]*)/i.exec(target);
  if (match === null) return undefined;
  const rest = match[1]!;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function explain({ app, network }: AppHost, error: Error): RouterProblem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return gatewayTimeout(app, network);
  if (code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT') return noInstance(app, network);
  return badGateway(app, network, code === 'UND_ERR_SOCKET' ? 'it closed the connection' : error.message);
}
