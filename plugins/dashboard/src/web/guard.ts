import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** Names under which this machine knows itself: any other was pointed here by somebody else's DNS. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether a request names this server, port included. */
export function namesUs({ headers }: IncomingMessage, port: number): boolean {
  const [, name = '', given = '80'] = /^(.*?)(?::(\d+))?$/.exec(headers.host ?? '') ?? [];
  return LOOPBACK.has(name.toLowerCase()) && Number(given) === port;
}

/** Whether a request comes from our own page; what is no browser sends no origin, and has no cookie either. */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || origin === `http://${headers.host}`;
}

/** The headers of every answer: nothing is kept, framed, guessed, or loaded from elsewhere. */
export function headersFor(request: IncomingMessage): OutgoingHttpHeaders {
  // Some browsers do not count ws:// as 'self'. The host was checked before, it can end no directive.
  const socket = `ws://${request.headers.host}`;
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ${socket}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

/** The value of a cookie of a request. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
