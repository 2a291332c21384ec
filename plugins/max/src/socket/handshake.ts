import type { IncomingMessage } from 'node:http';
import type { ConnectInfo, MountOptions, Refusal } from './contract.ts';
import type { Serializer } from './message.ts';
import { originAllowed } from './origin.ts';
import { parseQuery } from './query.ts';
import { negotiateSerializer } from './serializer.ts';
import { phoenixProtocol, readProtocols } from './subprotocol.ts';

/** An HTTP answer given instead of the upgrade. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a handshake went: a socket to open, or an answer to give. */
export type Handshake<Assigns> =
  | { readonly answer: HttpAnswer }
  | { readonly info: ConnectInfo<Assigns>; readonly serializer: Serializer; readonly protocol: string | undefined };

/** Sent with every answer of a handshake. */
export const cacheControl = 'max-age=0, private, must-revalidate';

/**
 * Decides a handshake in the order of the original: origin, version of the protocol, `connect`, and only then whether
 * the request asks for an upgrade in the right words.
 */
export async function shakeHands<Assigns>(
  request: IncomingMessage,
  query: string,
  options: MountOptions<Assigns>,
  report: (cause: unknown) => void,
): Promise<Handshake<Assigns>> {
  if (request.method !== 'GET') return refuse({ status: 400 });
  let params: Record<string, string>;
  try {
    params = parseQuery(query);
  } catch {
    return json(400, 'Bad Request');
  }
  if (!originAllowed(request, options.checkOrigin ?? true)) return refuse({});
  try {
    const offered = options.authToken === false ? { phoenix: false, authToken: undefined } : readProtocols(request);
    const protocol = offered.phoenix ? phoenixProtocol : undefined;
    const serializer = 'vsn[]' in params ? undefined : negotiateSerializer(params.vsn);
    if (serializer === undefined) return refuse({}, protocol);
    const result = await options.connect({ params, authToken: offered.authToken, request });
    if ('refuse' in result) return refuse(result.refuse, protocol);
    const complaint = upgradeComplaint(request);
    if (complaint !== undefined) return refuse({ status: 400, body: complaint });
    return { info: result, serializer, protocol };
  } catch (cause) {
    report(cause);
    return json(500, 'Internal Server Error');
  }
}

function refuse<Assigns>(refusal: Refusal, protocol?: string): Handshake<Assigns> {
  const named: Record<string, string> = protocol === undefined ? {} : { 'sec-websocket-protocol': protocol };
  const { status = 403, headers = {}, body = '' } = refusal;
  return { answer: { status, headers: { ...named, ...headers }, body } };
}

function json<Assigns>(status: number, text: string): Handshake<Assigns> {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { answer: { status, headers, body: JSON.stringify({ error: text }) } };
}

function upgradeComplaint({ headers }: IncomingMessage): string | undefined {
  const complain = (name: string, wanted: string, value: string | undefined) =>
    value === undefined
      ? `'${name}' header is absent`
      : `'${name}' header must ${wanted}, got ${JSON.stringify([value])}`;
  const words = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  if (!words.includes('upgrade')) return complain('connection', "contain 'upgrade'", headers.connection);
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return complain('upgrade', "contain 'websocket'", headers.upgrade);
  if (headers['sec-websocket-key'] === undefined) return "'sec-websocket-key' header is absent";
  const version = headers['sec-websocket-version'];
  return version === '13' ? undefined : complain('sec-websocket-version', "equal '13'", version);
}
