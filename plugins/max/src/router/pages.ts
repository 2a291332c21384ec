import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { MAX_API_HEADER, MAX_API_VERSION, type Problem, type ProblemCode } from '@rig/plugin-api/max';
import { dropRest } from './request-body.ts';

/** Why the router answers itself. */
export interface RouterProblem {
  status: 404 | 400 | 502 | 503 | 504;
  code: ProblemCode;
  detail: string;
  fix: string;
  /** The reason alone, for the app's own log, where the names stand anyway. */
  why?: string;
  retryAfter?: number;
}

/** No app has this name. */
export function unknownApp(host: string): RouterProblem {
  return {
    status: 404,
    code: 'RIG_APP_NOT_FOUND',
    detail: `no app of this Max is served at ${printable(host)}`,
    fix: 'see the apps and their addresses with: rig list apps',
  };
}

/** The app was never deployed. */
export function noRelease(app: string, network: string): RouterProblem {
  return {
    status: 503,
    code: 'RIG_APP_NOT_DEPLOYED',
    detail: `the app ${app} in the network ${network} has no release yet`,
    why: 'there is no release yet',
    fix: `deploy it with: rig deploy --app ${app}.${network}`,
    retryAfter: 10,
  };
}

/** A person has stopped the app. */
export function stopped(app: string, network: string): RouterProblem {
  return {
    status: 503,
    code: 'RIG_APP_STOPPED',
    detail: `the app ${app} in the network ${network} is stopped`,
    why: 'the app is stopped',
    fix: `start it with: rig start app ${app}.${network}`,
    retryAfter: 30,
  };
}

/** The app's release has no process that answers requests. */
export function noWeb(app: string, network: string): RouterProblem {
  return {
    status: 503,
    code: 'RIG_APP_NO_WEB',
    detail: `the app ${app} in the network ${network} has no web process: it runs, and answers no requests`,
    why: 'the app has no web process',
    fix: 'if it is to answer, add a line such as "web: node server.js" to its Procfile and deploy it again',
    retryAfter: 30,
  };
}

/** None of the app's instances can answer now. */
export function noInstance(app: string, network: string): RouterProblem {
  return {
    status: 503,
    code: 'RIG_APP_UNAVAILABLE',
    detail: `no instance of the app ${app} in the network ${network} answers at the moment`,
    why: 'no instance answers at the moment',
    fix: `see why with: rig status app ${app}.${network}; rig logs app ${app}.${network}`,
    retryAfter: 2,
  };
}

/** The instance broke the exchange off. */
export function badGateway(app: string, network: string, why: string): RouterProblem {
  return {
    status: 502,
    code: 'RIG_BAD_GATEWAY',
    detail: `the app ${app} in the network ${network} did not answer: ${why}`,
    why,
    fix: `see why with: rig logs app ${app}.${network}`,
  };
}

/** The instance took too long. */
export function gatewayTimeout(app: string, network: string): RouterProblem {
  return {
    status: 504,
    code: 'RIG_GATEWAY_TIMEOUT',
    detail: `the app ${app} in the network ${network} took too long to begin its answer`,
    why: 'it took too long to begin its answer',
    fix: `see what it does with: rig logs app ${app}.${network}`,
  };
}

/** The request has a form that cannot be passed on. */
export function badRequest(detail: string): RouterProblem {
  return { status: 400, code: 'RIG_BAD_REQUEST', detail, fix: 'send a plain HTTP/1.1 request' };
}

/** Answers in place of an app: text, or a problem document where the client asks for JSON. */
export function answer(req: IncomingMessage, res: ServerResponse, problem: RouterProblem, requestId: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { headers, body } = render(req, problem, requestId);
  res.writeHead(problem.status, headers);
  res.end(req.method === 'HEAD' ? undefined : body);
  dropRest(req);
}

/** The same as bytes, for a connection that asked for an upgrade. */
export function rawAnswer(req: IncomingMessage, problem: RouterProblem, requestId: string): Buffer {
  const { headers, body } = render(req, problem, requestId);
  headers.connection = 'close';
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function render(
  req: IncomingMessage,
  problem: RouterProblem,
  requestId: string,
): { headers: Record<string, string>; body: Buffer } {
  const json = /\bjson\b/i.test(req.headers.accept ?? '');
  const { status, code, detail, fix } = problem;
  const document: Problem = {
    type: 'about:blank',
    status,
    title: STATUS_CODES[status] ?? '',
    detail,
    code,
    requestId,
    fix,
  };
  const body = Buffer.from(
    json
      ? JSON.stringify(document)
      : `${status} ${document.title}\n\n${detail}\n${fix}\n\n${code}, request ${requestId}\n`,
  );
  const headers: Record<string, string> = {
    'content-type': json ? 'application/problem+json' : 'text/plain; charset=utf-8',
    'content-length': String(body.length),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    [MAX_API_HEADER]: MAX_API_VERSION,
  };
  if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter);
  return { headers, body };
}

function printable(host: string): string {
  return host.replace(/[^\x21-\x7e]/g, '?').slice(0, 255);
}
