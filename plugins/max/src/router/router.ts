import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId } from '../store/ids.ts';
import { type AppHost, parseAppHost } from './app-host.ts';
import { Balancer } from './balance.ts';
import { FailureLines, type RouterFailure } from './failure-lines.ts';
import { forward, type Outcome } from './forward.ts';
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
import { hasBody } from './request-body.ts';
import type { Target } from './target.ts';
import { Tunnels } from './tunnels.ts';
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

/** A request on its way. */
interface Passage {
  req: IncomingMessage;
  requestId: string;
  began: number;
  /** Sends it to an instance; `answered` is told the status once the head of the answer is there. */
  send(target: Target, path: string, answered: (status: number) => void): Promise<Outcome>;
}

/** What a router asks and tells. */
export interface RouterOptions {
  /** The route at this moment, `undefined` for an app that is not there. */
  routeOf(host: AppHost): Route | undefined;
  /** Takes the lines that tell an app's owner of failures, in the app's log. */
  write?(host: AppHost, text: string): void;
  /** Is told of each answer: its status, and how long its head took. */
  answered?(host: AppHost, status: number, ms: number): void;
}

/** Sends requests to the instances of the app that their Host names. */
export class Router {
  readonly #options: RouterOptions;
  readonly #balancer = new Balancer();
  readonly #lines: FailureLines;
  readonly #tunnels = new Tunnels();

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#lines = new FailureLines((host, text) => options.write?.(host, text));
  }

  /** Serves a request; never rejects. */
  async handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = newId('req');
    const send: Passage['send'] = (target, path, answered) => forward(req, res, target, { path, requestId, answered });
    const passage = { req, requestId, began: performance.now(), send };
    const problem = await this.#pass(passage);
    if (problem === undefined || res.destroyed) return;
    this.#refused(passage, problem);
    answer(req, res, problem, requestId);
  }

  /** Serves an upgrade; never rejects. */
  async handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const requestId = newId('req');
    const send: Passage['send'] = (target, path, answered) =>
      forwardUpgrade(req, socket, head, target, { path, requestId, answered, tunnels: this.#tunnels });
    const passage = { req, requestId, began: performance.now(), send };
    const problem = hasBody(req)
      ? // Its bytes and those of the new protocol could be told apart by guessing only.
        badRequest('a request for an upgrade has a body')
      : await this.#pass(passage);
    if (problem === undefined || socket.destroyed) return;
    this.#refused(passage, problem);
    socket.end(rawAnswer(req, problem, requestId));
  }

  /** Says goodbye to the connections that were upgraded: Max is to end. */
  leave(): void {
    this.#tunnels.leave();
  }

  /** Writes what is not told yet of failures, and nothing any more. */
  close(): void {
    this.#lines.close();
  }

  /** Counts an answer of the router's own, where it can be told whose app it was for. */
  #refused(passage: Passage, { status }: RouterProblem): void {
    const host = parseAppHost(passage.req.headers.host);
    if (host !== undefined) this.#answered(passage, host, status);
  }

  #answered({ began }: Passage, host: AppHost, status: number): void {
    this.#options.answered?.(host, status, performance.now() - began);
  }

  /** Gives what is to be answered in place of the app; nothing where the app has answered, or nobody listens any more. */
  async #pass(passage: Passage): Promise<RouterProblem | undefined> {
    const found = this.#find(passage.req);
    if ('status' in found) return found;
    const { host, path } = found;
    try {
      return await this.#try(passage, host, path);
    } catch (error) {
      return badRequest((error as Error).message);
    }
  }

  async #try(passage: Passage, host: AppHost, path: string): Promise<RouterProblem | undefined> {
    const answered = (status: number): void => this.#answered(passage, host, status);
    const tried = new Map<Target, number>();
    let last: { target: Target; error: Error } | undefined;
    for (;;) {
      // Looked up anew each time: a switch may have come between two attempts.
      const route = this.#options.routeOf(host);
      if (route === undefined) return unknownApp(passage.req.headers.host ?? '');
      const left = spent(tried, route.targets.length);
      const target = route.closed === undefined ? this.#balancer.choose(route.targets, left) : undefined;
      if (target === undefined) {
        const closed = last === undefined || route.closed !== undefined;
        const problem = closed ? absent(host, route) : explain(host, last!.error);
        return this.#tell(passage, host, path, problem, last?.target);
      }
      const outcome = await passage.send(target, path, answered);
      tried.set(target, (tried.get(target) ?? 0) + 1);
      if (outcome.kind === 'done') return undefined;
      if (outcome.kind === 'gone') {
        if (!outcome.begun) this.#note(passage, host, path, { ...CLIENT_GONE, instance: target.name });
        return undefined;
      }
      if (outcome.kind === 'broken') {
        const why = target.leaving
          ? 'it had not finished its answer when it was ended'
          : 'it broke off amid its answer';
        this.#tell(passage, host, path, { ...badGateway(host.app, host.network, why), why }, target);
        return undefined;
      }
      if (!outcome.again) return this.#tell(passage, host, path, explain(host, outcome.error), target);
      last = { target, error: outcome.error };
    }
  }

  /** Notes that the app could not answer, and gives the problem. */
  #tell(
    passage: Passage,
    host: AppHost,
    path: string,
    problem: RouterProblem,
    target: Target | undefined,
  ): RouterProblem {
    const { code, status, why = problem.detail } = problem;
    const level = AS_WANTED.has(code) ? 'warn' : 'error';
    this.#note(passage, host, path, { level, code, status, why, instance: target?.name });
    return problem;
  }

  #note(
    { req, requestId, began }: Passage,
    host: AppHost,
    path: string,
    failure: Pick<RouterFailure, 'level' | 'code' | 'status' | 'why' | 'instance'>,
  ): void {
    const durationMs = performance.now() - began;
    this.#lines.add(host, { ...failure, method: req.method ?? '', path, requestId, durationMs });
  }

  #find(req: IncomingMessage): RouterProblem | { host: AppHost; path: string } {
    // RFC 9112, 3.2: an app must not see another host than the one it was found by.
    if (req.headersDistinct.host?.length !== 1) return badRequest('the request names its Host more than once');
    const host = parseAppHost(req.headers.host);
    if (host === undefined) return unknownApp(req.headers.host ?? '');
    const path = pathOf(req.url ?? '/');
    if (path === undefined && this.#options.routeOf(host) !== undefined)
      return badRequest(`the request target ${JSON.stringify(req.url)} has no path`);
    return { host, path: path ?? '/' };
  }
}

const CLIENT_GONE = {
  level: 'info',
  code: 'RIG_CLIENT_GONE',
  status: 499,
  why: 'the client closed the connection before the answer',
} as const;

/** Targets that are not asked again. A lone one is asked twice: it may have closed an idle connection at that moment. */
function spent(tried: ReadonlyMap<Target, number>, targets: number): Set<Target> {
  const most = targets > 1 ? 1 : 2;
  return new Set([...tried].filter(([, times]) => times >= most).map(([target]) => target));
}

/** The path and query of a request target, also of one in absolute form. */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  const match = /^https?:\/\/[^/?#]*([^#]*)/i.exec(target);
  if (match === null) return undefined;
  const rest = match[1]!;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Nothing went wrong: the app is as somebody has left it. */
const AS_WANTED: ReadonlySet<string> = new Set(['RIG_APP_NOT_DEPLOYED', 'RIG_APP_STOPPED', 'RIG_APP_NO_WEB']);

function absent({ app, network }: AppHost, { deployed, closed }: Route): RouterProblem {
  if (!deployed) return noRelease(app, network);
  if (closed !== undefined) return (closed === 'stopped' ? stopped : noWeb)(app, network);
  return noInstance(app, network);
}

function explain({ app, network }: AppHost, error: Error): RouterProblem {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return gatewayTimeout(app, network);
  if (NOT_CONNECTED.has(code)) return noInstance(app, network);
  return badGateway(app, network, CLOSED.has(code) ? 'it closed the connection' : error.message);
}

const NOT_CONNECTED = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
