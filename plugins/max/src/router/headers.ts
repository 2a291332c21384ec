import type { IncomingMessage } from 'node:http';

/** Headers that hold between two neighbours and are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set by the router: of what a client says of them only the addresses before its own are passed on. */
const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port']);

/** The request headers as an instance gets them, names and values in turn. */
export function requestHeaders(req: IncomingMessage, requestId: string, upgrade?: string): string[] {
  const named = namedByConnection(req.headers.connection);
  const headers: string[] = [];
  for (let index = 0; index < req.rawHeaders.length; index += 2) {
    const name = req.rawHeaders[index]!;
    const lower = name.toLowerCase();
    // Node has answered `expect` already.
    if (HOP_BY_HOP.has(lower) || named.has(lower) || FORWARDED.has(lower) || lower === 'expect') continue;
    if (lower === 'x-request-id') continue;
    headers.push(name, req.rawHeaders[index + 1]!);
  }
  const client = req.socket.remoteAddress ?? '';
  const before = req.headers['x-forwarded-for'];
  headers.push('x-forwarded-for', before === undefined ? client : `${String(before)}, ${client}`);
  headers.push('x-forwarded-proto', 'http', 'x-forwarded-host', req.headers.host ?? '', 'x-request-id', requestId);
  if (upgrade !== undefined) headers.push('connection', 'Upgrade', 'upgrade', upgrade);
  return headers;
}

/** The answer's headers as the client gets them. */
export function responseHeaders(raw: readonly string[]): string[] {
  const connection: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]!.toLowerCase() === 'connection') connection.push(raw[index + 1]!);
  }
  const named = namedByConnection(connection.join(','));
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const lower = raw[index]!.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !named.has(lower)) headers.push(raw[index]!, raw[index + 1]!);
  }
  return headers;
}

function namedByConnection(header: string | undefined): Set<string> {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  // Not what frames the message, whatever a client names.
  return new Set(names.filter((name) => name !== '' && name !== 'content-length' && name !== 'host'));
}
