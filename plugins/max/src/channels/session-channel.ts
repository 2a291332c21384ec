import { constants } from 'node:os';
import {
  decodeSessionData,
  type SessionAck,
  type SessionEof,
  type SessionJoin,
  type SessionSignal,
  type TerminalSize,
} from '@rig/plugin-api/max';
import type { Core } from '../core.ts';
import type { Attachment, SessionClient } from '../sessions/session-entry.ts';
import { terminalSizeOf } from '../sessions/terminal-size.ts';
import { Channel, ok, type Reply, type Stop, stop } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { refuseEnded, refuseJoin, refuseVersion } from './refusal.ts';

/** Bytes that may wait for a client before the next are handed to its connection. */
const WAITING = 512 * 1024;

/** `session:ID`: the streams of a session in both directions, for the user who began it. */
export class SessionChannel extends Channel<SocketAssigns> {
  readonly #core: Core;
  #attachment: Attachment | undefined;

  constructor(core: Core) {
    super();
    this.#core = core;
  }

  override join(topic: string, payload: unknown): Reply {
    const { userId, scopes } = this.assigns;
    const id = topic.slice('session:'.length);
    if (this.socket.serializer.name === 'v1') return refuseVersion(topic);
    if (!scopes.includes('shell')) return refuseJoin(topic, 'forbidden');
    const entry = this.#core.sessions.find(id, userId);
    if (entry === undefined) return this.#refuseGone(topic, id);
    if (entry.appId === null && !scopes.includes('admin')) return refuseJoin(topic, 'forbidden');
    const { joined, attachment } = entry.join(this.#client(), paramsOf(payload));
    this.#attachment = attachment;
    this.run(() => attachment.begin());
    return ok(joined);
  }

  override handleIn(event: string, payload: unknown): Stop | undefined {
    const attachment = this.#attachment;
    if (attachment === undefined) return undefined;
    if (event === 'data') {
      const data = decodeSessionData(payload);
      const wrong = data === undefined ? 'data' : attachment.data(data);
      // The client is out of step: it joins anew, and hears where to go on.
      return wrong === undefined ? undefined : stop(`bad ${wrong}`);
    }
    if (typeof payload !== 'object' || payload === null) return undefined;
    if (event === 'ack') attachment.ack(ackOf(payload));
    else if (event === 'eof') {
      const { stream, at } = payload as Partial<SessionEof>;
      if (stream === 'stdin' && isOffset(at)) attachment.eof({ stream, at });
    } else if (event === 'resize') {
      const size = terminalSizeOf(payload);
      if (size !== undefined) attachment.resize(size);
    } else if (event === 'signal') {
      const { signal } = payload as Partial<SessionSignal>;
      if (typeof signal === 'string' && Object.hasOwn(constants.signals, signal))
        attachment.signal(signal as NodeJS.Signals);
    }
    return undefined;
  }

  override terminate(reason: string): void {
    this.#attachment?.leave(reason === 'left');
  }

  #client(): SessionClient {
    return {
      push: (event, payload) => {
        this.push(event, payload);
        // Nothing more comes to this client.
        if (event === 'taken') this.close();
      },
      hasRoom: () => this.socket.bufferedAmount <= WAITING,
      whenRoom: (then) => void this.drained(WAITING / 2).then(then, () => {}),
    };
  }

  /** What has ended long ago, or with an earlier Max, is told from what never was. */
  #refuseGone(topic: string, id: string): Reply {
    const entry = this.#core.audit.ofSession(id, this.assigns.userId);
    if (entry === undefined) return refuseJoin(topic, 'not_found');
    const how = entry.end?.reason === 'max-stopped' ? ' as Max ended' : '';
    return refuseEnded(`the session ${id} has ended${how}`);
  }
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function ackOf(payload: object): SessionAck {
  const { stdout, stderr } = payload as Partial<Record<'stdout' | 'stderr', unknown>>;
  return { ...(isOffset(stdout) ? { stdout } : {}), ...(isOffset(stderr) ? { stderr } : {}) };
}

function paramsOf(payload: unknown): SessionJoin {
  const { received, terminal } = (payload ?? {}) as { received?: unknown; terminal?: unknown };
  const params: SessionJoin = {};
  if (typeof received === 'object' && received !== null) {
    const { stdout = 0, stderr = 0 } = ackOf(received);
    params.received = { stdout, stderr };
  }
  const size: TerminalSize | undefined = terminalSizeOf(terminal);
  if (size !== undefined) params.terminal = size;
  return params;
}
