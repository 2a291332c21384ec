/** One line of a transcript. */
export interface TranscriptEvent {
  /** Milliseconds since the beginning. */
  readonly t: number;
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
  /** Whether the reference said the same every time. */
  readonly deterministic: boolean;
  readonly events: readonly TranscriptEvent[];
}

/** How something that the client saw is written down; undefined for what the client did. */
export function lineOf({ dir, type, status, data = '', code, reason = '' }: TranscriptEvent): string | undefined {
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
  // What was shortened is compared as it was sent.
  if (/\.\.\. \(\d+ chars\)$/.test(text)) return text;
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

/** Reads a request of a transcript. */
export function readRequest(text: string): RecordedRequest {
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
