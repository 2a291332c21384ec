import type {
  Session,
  SessionAck,
  SessionData,
  SessionEnd,
  SessionEof,
  SessionJoin,
  SessionJoined,
  TerminalSize,
} from '@rig/plugin-api/max';

/** The other end of a session: a channel. */
export interface SessionClient {
  /** Sends an event; a `Buffer`, or several in an array, goes out as bytes. */
  push(event: 'data' | 'ack' | 'eof' | 'end' | 'taken', payload: unknown): void;
  /** Whether the connection takes more without a growing backlog. */
  hasRoom(): boolean;
  /** Calls back once it does; never where the connection ends before. */
  whenRoom(then: () => void): void;
}

/** A client that has joined: what it sends, and when it goes. */
export interface Attachment {
  /** The join's answer is out: what there is may follow. */
  begin(): void;
  /** Takes a piece of standard input; says what is wrong with one that cannot be taken. */
  data(data: SessionData): 'gap' | 'overrun' | undefined;
  ack(ack: SessionAck): void;
  eof(eof: SessionEof): void;
  resize(size: TerminalSize): void;
  signal(name: NodeJS.Signals): void;
  /** The channel has ended: at the client's wish, or with its connection, and then it may not have heard the last. */
  leave(atWish: boolean): void;
}

/** A session, as its routes and its channel see it. */
export interface SessionEntry {
  readonly id: string;
  readonly userId: string;
  /** `null` for the control plane of a network. */
  readonly appId: string | null;
  readonly networkId: string;
  /** As the API shows it. */
  view(): Session;
  /** Takes the session over for a client. */
  join(client: SessionClient, params: SessionJoin): { joined: SessionJoined; attachment: Attachment };
  /** Ends it; `whenEnded` tells when nothing of it runs any more. */
  stop(reason: SessionEnd['reason']): void;
  readonly whenEnded: Promise<void>;
}
