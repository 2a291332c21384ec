import { ReplayConnection, requestOnce } from './replay-connection.ts';

/** One line of a transcript. */
export interface TranscriptEvent {
  readonly conn?: string;
  readonly dir: 'client' | 'server' | 'note';
  readonly type: string;
  readonly data?: string;
  readonly status?: number;
  readonly code?: number | null;
  readonly reason?: string;
}

/** A recorded scenario. */
export interface Transcript {
  readonly scenario: string;
  readonly about: string;
  readonly events: readonly TranscriptEvent[];
}

/** What came over each connection, in order: as recorded, and now. */
export interface Outcome {
  readonly recorded: Record<string, string[]>;
  readonly replayed: Record<string, string[]>;
}

/**
 * Does what the client of a transcript did, waiting wherever the recorded server had answered first, and gathers what
 * this server says. At the end every open connection sends a heartbeat, so that an answer too many is not missed.
 */
export async function replay(transcript: Transcript, base: string): Promise<Outcome> {
  const recorded: Record<string, string[]> = {};
  const replayed: Record<string, string[]> = {};
  const connections = new Map<string, ReplayConnection>();
  try {
    for (const event of transcript.events) {
      if (event.dir === 'note' || event.type === 'tcp_end') continue;
      const name = event.conn ?? '';
      recorded[name] ??= [];
      replayed[name] ??= [];
      const log = replayed[name];
      const expected = lineOf(event);
      if (expected !== undefined) {
        recorded[name].push(expected);
        await connections.get(name)?.recorded(recorded[name].length);
      } else if (event.type === 'http') {
        const request = readRequest(event.data ?? '');
        if (request.upgrade) connections.set(name, await ReplayConnection.open(base, request, log));
        else await requestOnce(base, request, log);
      } else {
        act(connections.get(name), event);
      }
    }
    await Promise.all([...connections.values()].map((connection) => connection.fence()));
  } finally {
    await Promise.all([...connections.values()].map((connection) => connection.destroy()));
  }
  return { recorded, replayed };
}

function act(connection: ReplayConnection | undefined, { type, data = '', code, reason }: TranscriptEvent): void {
  if (connection === undefined) throw new Error(`the transcript uses a connection that it did not open`);
  if (type === 'text') connection.send(data);
  else if (type === 'binary') connection.send(Buffer.from(data, 'hex'));
  else if (type === 'rawbytes') connection.sendRaw(Buffer.from(data, 'hex'));
  else if (type === 'ping') connection.ping(Buffer.from(data, 'hex'));
  else if (type === 'close') connection.close(code ?? undefined, reason);
  else if (type === 'tcp_destroy') connection.drop();
  else throw new Error(`the transcript holds an event of unknown type ${type}`);
}

/** How something that the client saw is written down; undefined for what the client did. */
function lineOf({ dir, type, status, data = '', code, reason = '' }: TranscriptEvent): string | undefined {
  if (type === 'closed_event') return `closed ${code} ${reason}`;
  if (type === 'error') return `error ${data}`;
  if (dir !== 'server') return undefined;
  if (type === 'http') return `http ${status} ${data}`;
  if (type === 'close') return `close ${code} ${reason}`;
  return `${type} ${type === 'text' ? canonical(data) : data}`;
}

/** JSON with its keys in order and the refs of presences, which are random, left out. */
export function canonical(text: string): string {
  const sorted = (_key: string, value: unknown): unknown => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(JSON.parse(text), sorted).replaceAll(/("phx_ref(?:_prev)?"):"[^"]*"/g, '$1:"*"');
}

/** A request as a transcript writes it down. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly upgrade: boolean;
  readonly protocols: string[];
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

function readRequest(text: string): RecordedRequest {
  const match =
    /^(\S+) (\S+) HTTP\/1\.1( \(websocket upgrade\))?(?: sec-websocket-protocol: ([^{]*?))?(?: (\{.*\}))?(?:\n\n([\s\S]*))?$/.exec(
      text,
    );
  if (match === null) throw new Error(`the transcript holds a request that cannot be read: ${text}`);
  const [, method = '', path = '', upgrade, protocols, headers, body] = match;
  return {
    method,
    path,
    upgrade: upgrade !== undefined,
    protocols: protocols === undefined ? [] : protocols.split(', '),
    headers: headers === undefined ? {} : (JSON.parse(headers) as Record<string, string>),
    body,
  };
}
