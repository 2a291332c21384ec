/** What reaches into an app at a person's wish: a terminal, a program, an SSH connection or a TCP connection. */
export const SESSION_KINDS = ['shell', 'command', 'ssh', 'forward'] as const;

/** One of {@link SESSION_KINDS}. */
export type SessionKind = (typeof SESSION_KINDS)[number];

/** Size of a terminal, in characters. */
export interface TerminalSize {
  /** 1 to 10,000. */
  columns: number;
  /** 1 to 10,000. */
  rows: number;
}

/**
 * Body of `POST …/apps/:app/sessions`, scope `shell`; the answer (201) is a {@link Session}. `POST /v1/networks/:network/sessions`
 * takes the kind `shell` alone and needs scope `admin`: a terminal in the network's own folder.
 *
 * The session runs from then on. One that nobody joins within a minute is ended, unless it is detached.
 */
export type CreateSession =
  | {
      kind: 'shell';
      /** `web.1`; the first that runs unless said. */
      instance?: string;
      /** The user's terminal. */
      terminal: TerminalSize & {
        /** Value of `TERM`. */
        term: string;
      };
    }
  | {
      kind: 'command';
      /** The program and its arguments, handed over as they are: no shell reads them. */
      argv: string[];
      /** `web.1`; the first that runs unless said. */
      instance?: string;
      /** Ends the command after so many seconds. */
      timeoutSeconds?: number;
      /** It goes on without anybody, keeps what it writes, and has no standard input. */
      detach?: boolean;
    }
  | {
      kind: 'ssh';
      /** `web.1`; the first that runs unless said. */
      instance?: string;
    }
  | {
      kind: 'forward';
      /** A TCP port at the instance; the one that it was given as `PORT` unless said. */
      port?: number;
      /** `web.1`; the first that runs unless said. */
      instance?: string;
    };

/** The key by which an SSH client knows a Max: `GET /v1/ssh/host-key`, scope `shell`. */
export interface SshHostKey {
  /** `ssh-ed25519 AAAA…`, as a line of `known_hosts` has it. */
  publicKey: string;
  /** `SHA256:…`, as ssh shows it. */
  fingerprint: string;
}

/** How a session ended. */
export interface SessionEnd {
  /**
   * `exited`: by itself, see `code` and `signal`; `stopped`: at a user's wish; `timeout`: its own limit; `idle` and `limit`:
   * those of Max; `abandoned`: nobody came back to it in time; `max-stopped`: with Max; `failed`: it could not be started,
   * or its connection failed, see `detail`.
   */
  reason: 'exited' | 'stopped' | 'timeout' | 'idle' | 'limit' | 'abandoned' | 'max-stopped' | 'failed';
  /** Exit code; `null` where a signal ended it, or nobody saw it end. */
  code: number | null;
  /** `SIGTERM` and so on. */
  signal: string | null;
  /** Milliseconds from its start to its end. */
  durationMs: number;
  /** Why it failed, for a person. */
  detail?: string;
}

/** A session: `GET /v1/sessions/:id`, a list at `GET /v1/sessions`; `DELETE /v1/sessions/:id` ends it. */
export interface Session {
  /** Stable, `ses_…`. */
  id: string;
  /** What it is. */
  kind: SessionKind;
  /** Name of its network. */
  network: string;
  /** Name of its app; `null` for the control plane of the network. */
  app: string | null;
  /** `web.1`; `null` without an app. */
  instance: string | null;
  /** Version of the release that it runs in; `null` without an app. */
  release: number | null;
  /** What a command runs, values of the app's secrets and variables blotted out; `null` for the other kinds. */
  argv: string[] | null;
  /** Whether it still runs. */
  state: 'running' | 'ended';
  /** Whether it goes on without anybody. */
  detached: boolean;
  /** Whether a client is joined now. */
  attached: boolean;
  /** Name of the user who began it. */
  user: string;
  /** ISO 8601 in UTC. */
  startedAt: string;
  /** ISO 8601 in UTC; `null` while it runs. */
  endedAt: string | null;
  /** How it ended; `null` while it runs. */
  end: SessionEnd | null;
}

/** Join params of `session:ID`. A second join takes the session over; the first is told by event `taken`. */
export interface SessionJoin {
  /** Bytes of each stream that this client has dealt with; left out by one who comes anew and wants what there is. */
  received?: { stdout: number; stderr: number };
  /** The terminal's size now. */
  terminal?: TerminalSize;
}

/** Reply to the join of `session:ID`. What follows begins at `from`. */
export interface SessionJoined {
  /** The session as it is. */
  session: Session;
  /** Where standard input goes on: after what the program has taken, or, without `received`, after all that Max has. */
  stdin: number;
  /** Offsets at which the data that follows begins: what was before is gone where they are higher than asked for. */
  from: { stdout: number; stderr: number };
  /** Bytes of a stream that may be on their way unacknowledged, in each direction. */
  window: number;
  /** Seconds after which Max ends it without a byte in either direction; `null` for never. */
  idleSeconds: number | null;
  /** Seconds after which Max ends it in any case; `null` for never. */
  limitSeconds: number | null;
}

/** Event `ack` of either side, without a reply: everything before these offsets was dealt with. */
export interface SessionAck {
  /** From Max: bytes of standard input that the program, or the pty, has taken. */
  stdin?: number;
  /** From the client. */
  stdout?: number;
  /** From the client. */
  stderr?: number;
}

/** Event `eof` of either side, without a reply: the stream has ended at this offset. */
export interface SessionEof {
  /** Which stream: `stdin` from the client. */
  stream: SessionStream;
  /** Its whole length in bytes. */
  at: number;
}

/**
 * Event `resize` of the client carries a {@link TerminalSize}; event `signal` this one. A connection knows `SIGHUP` alone:
 * it is closed at once, whatever is still on its way.
 */
export interface SessionSignal {
  /** `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGKILL`, `SIGUSR1`, `SIGUSR2`, … */
  signal: string;
}

/** Event `end` of Max, once all that the session wrote was sent: a {@link SessionEnd}. */
export type SessionEnded = SessionEnd;

/** The streams of a session; a pty and a TCP connection have no `stderr`. */
export type SessionStream = 'stdin' | 'stdout' | 'stderr';

const STREAMS: readonly SessionStream[] = ['stdin', 'stdout', 'stderr'];
const HEADER = 7;

/** A piece of a stream: binary event `data` of either side. */
export interface SessionData {
  /** Which stream. */
  stream: SessionStream;
  /** Offset of the first byte in the stream. */
  offset: number;
  /** The bytes. */
  bytes: Uint8Array;
}

/** Writes the payload of a `data` event: a byte for the stream, six for the offset (big endian), then the bytes. */
export function encodeSessionData(data: SessionData): Buffer {
  return Buffer.concat(sessionDataParts(data, [data.bytes]));
}

/** The same in parts, as a channel takes it: nothing is copied before the frame is made. */
export function sessionDataParts(
  { stream, offset }: Pick<SessionData, 'stream' | 'offset'>,
  bytes: readonly Uint8Array[],
): Uint8Array[] {
  const header = Buffer.allocUnsafe(HEADER);
  header[0] = STREAMS.indexOf(stream);
  header.writeUIntBE(offset, 1, 6);
  return [header, ...bytes];
}

/** Reads the payload of a `data` event; `undefined` where it is none. The bytes share the payload's memory. */
export function decodeSessionData(payload: unknown): SessionData | undefined {
  if (!(payload instanceof Uint8Array) || payload.length < HEADER) return undefined;
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const stream = STREAMS[buffer[0] as number];
  if (stream === undefined) return undefined;
  return { stream, offset: buffer.readUIntBE(1, 6), bytes: buffer.subarray(HEADER) };
}
