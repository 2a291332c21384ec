import {
  encodeSessionData,
  type Session,
  type SessionAck,
  type SessionEnd,
  type SessionEof,
  type SessionJoin,
  type SessionJoined,
} from '@rig/plugin-api/max';
import type { AppRecord } from '../../store/apps.ts';
import type { Attachment, SessionClient, SessionEntry } from '../session-entry.ts';
import type { DetachedCommands } from './detached-commands.ts';
import type { DetachedRow } from './detached-rows.ts';

/** What a client is told whose output cannot be read from disk. */
const NO_OUTPUT: SessionEnd = { reason: 'failed', code: null, signal: null, durationMs: 0 };

/** A detached command as a session: anybody of its user may join it, at any time, any number at once, also after its end. */
export class DetachedSession implements SessionEntry {
  readonly id: string;
  readonly userId: string;
  readonly appId: string;
  readonly networkId: string;
  readonly #app: AppRecord;
  readonly #row: DetachedRow;
  readonly #commands: DetachedCommands;
  readonly #window: number;

  /** @param window bytes of a stream that may be on their way unacknowledged */
  constructor(row: DetachedRow, app: AppRecord, commands: DetachedCommands, window: number) {
    this.id = row.id;
    this.userId = row.userId;
    this.appId = row.appId;
    this.networkId = app.networkId;
    this.#app = app;
    this.#row = row;
    this.#commands = commands;
    this.#window = window;
  }

  /** Resolves when nothing of it runs any more. */
  get whenEnded(): Promise<void> {
    return this.#commands.whenEnded(this.id);
  }

  view(): Session {
    const row = this.#now;
    return {
      id: row.id,
      kind: 'command',
      network: this.#app.network,
      app: this.#app.name,
      instance: row.instance,
      release: row.release,
      argv: row.argv,
      state: row.endedAt === null ? 'running' : 'ended',
      detached: true,
      attached: this.#commands.isFollowed(row.id),
      user: row.userName,
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      end: row.end,
    };
  }

  join(client: SessionClient, params: SessionJoin): { joined: SessionJoined; attachment: Attachment } {
    const { feed, from } = this.#commands.follow(this.#now, {
      received: params.received,
      window: this.#window,
      ready: () => new Promise((resolve) => (client.hasRoom() ? resolve() : client.whenRoom(resolve))),
      data: (data) => client.push('data', encodeSessionData(data)),
      eof: (stream, at) => client.push('eof', { stream, at } satisfies SessionEof),
      end: () => client.push('end', this.#now.end),
      fail: ({ message }) => client.push('end', { ...NO_OUTPUT, detail: `its output cannot be read: ${message}` }),
    });
    const attachment: Attachment = {
      begin: () => void feed.start(),
      data: () => undefined,
      ack: ({ stdout, stderr }: SessionAck) => feed.acknowledge({ stdout, stderr }),
      eof: () => {},
      resize: () => {},
      signal: (name) => this.#commands.signal(this.id, name),
      leave: () => feed.stop(),
    };
    const { startedAt, endsAt } = this.#row;
    const limitSeconds = endsAt === null ? null : (Date.parse(endsAt) - Date.parse(startedAt)) / 1000;
    return {
      joined: { session: this.view(), stdin: 0, from, window: this.#window, idleSeconds: null, limitSeconds },
      attachment,
    };
  }

  stop(reason: SessionEnd['reason']): void {
    void this.#commands.stop(this.id, reason === 'timeout' ? reason : 'stopped');
  }

  get #now(): DetachedRow {
    return this.#commands.find(this.id) ?? this.#row;
  }
}
