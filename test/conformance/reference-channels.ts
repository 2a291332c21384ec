import { setTimeout as sleep } from 'node:timers/promises';
import {
  Channel,
  type ChannelFactory,
  error,
  type HandlerResult,
  ok,
  Presence,
  type Reply,
  type ReplyRef,
  reply,
  stop,
} from '../../plugins/max/src/socket/index.ts';

/** What the reference's connect puts aside. */
export interface ReferenceAssigns {
  user: string;
}

type Fields = Record<string, unknown>;

function fields(payload: unknown): Fields {
  return payload !== null && typeof payload === 'object' && !(payload instanceof Uint8Array) ? (payload as Fields) : {};
}

function later(ms: unknown, work: () => void): void {
  setTimeout(work, Number(ms)).unref();
}

/** Answers any event with its payload, and does on demand everything that a channel can do. */
class EchoChannel extends Channel<ReferenceAssigns> {
  join(_topic: string, payload: unknown): Reply {
    const wish = fields(payload);
    if (wish.crash === true) throw new Error('asked to crash in join');
    if ('push_on_join' in wish) this.run(() => this.#pushMany(wish.push_on_join));
    if (wish.echo_join === true) return ok(payload);
    return 'reply' in wish ? ok(wish.reply) : ok();
  }

  override handleIn(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    const wish = fields(payload);
    switch (event) {
      case 'crash':
        throw new Error('asked to crash');
      case 'crash_in':
        later(wish.ms, () =>
          this.run(() => {
            throw new Error('asked to crash later');
          }),
        );
        return undefined;
      case 'noreply':
        return undefined;
      case 'push_n':
        this.#pushMany(wish.n);
        return ok(payload);
      case 'reply_then_push':
        this.reply(ref, ok(payload));
        this.#pushMany(wish.n);
        return undefined;
      case 'delayed':
        later(wish.ms, () => this.reply(ref, ok(payload)));
        return undefined;
      case 'blocking':
        return sleep(Number(wish.ms)).then(() => ok(payload));
      case 'reply_twice':
        this.reply(ref, ok(payload));
        return ok(payload);
      default:
        return this.#endOrEcho(event, payload, ref);
    }
  }

  #endOrEcho(event: string, payload: unknown, ref: ReplyRef): HandlerResult {
    switch (event) {
      case 'stop':
        return stop();
      case 'stop_reply':
        return stop('normal', ok({ bye: true }));
      case 'stop_shutdown':
        return stop('shutdown');
      case 'stop_abnormal':
        return stop('asked to');
      case 'err':
        return error(payload);
      case 'ok_empty':
        return ok();
      case 'error_empty':
        return error();
      case 'weird_status':
        return reply('weird', payload);
      case 'whoami':
        return ok({ join_ref: this.joinRef, ref: ref.ref, topic: this.topic, user: this.assigns.user });
      default:
        return ok(payload);
    }
  }

  #pushMany(count: unknown): void {
    for (let i = 1; i <= Number(count); i += 1) this.push('n', { i });
  }
}

/** Broadcasts. */
class RoomChannel extends Channel<ReferenceAssigns> {
  override readonly intercepts = ['intercepted'];

  join(): Reply {
    return ok();
  }

  override handleIn(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    switch (event) {
      case 'shout':
        this.broadcast('shout', payload);
        return ok();
      case 'shout_noreply':
        this.broadcast('shout', payload);
        return undefined;
      case 'shout_from':
        this.broadcastFrom('shout', payload);
        return ok();
      case 'intercepted':
        this.broadcast('intercepted', payload);
        return ok();
      case 'bad_broadcast':
        this.broadcast('bad', { unencodable: 1n });
        return ok();
      default:
        return super.handleIn(event, payload, ref);
    }
  }

  override handleOut(event: string, payload: unknown): void {
    this.push(event, { ...fields(payload), seen_by: this.assigns.user });
  }
}

/** Binary payloads in every direction. */
class BinaryChannel extends Channel<ReferenceAssigns> {
  join(): Reply {
    return ok();
  }

  override handleIn(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    if (!(payload instanceof Uint8Array)) return this.#handleJson(event, payload, ref);
    switch (event) {
      case 'echo':
        return ok(payload);
      case 'err':
        return error(payload);
      case 'size':
        return ok({ size: payload.byteLength });
      case 'push':
        this.push('pushed', payload);
        return ok(payload);
      case 'bcast':
        this.broadcast('bcast', payload);
        return undefined;
      case 'bcast_from':
        this.broadcastFrom('bcast', payload);
        return undefined;
      default:
        return super.handleIn(event, payload, ref);
    }
  }

  #handleJson(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    switch (event) {
      case 'want_binary':
        return ok(Buffer.from(String(fields(payload).hex), 'hex'));
      case 'long_event':
        this.push('e'.repeat(256), Buffer.from('data'));
        return ok();
      default:
        return super.handleIn(event, payload, ref);
    }
  }
}

/** Tells who is here. */
class PresenceChannel extends Channel<ReferenceAssigns> {
  readonly #presence: Presence;

  constructor(presence: Presence) {
    super();
    this.#presence = presence;
  }

  join(): Reply {
    this.run(() => {
      this.#presence.track(this, this.assigns.user, { online_at: '0' });
      this.push('presence_state', this.#presence.list(this.topic));
    });
    return ok();
  }

  override handleIn(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    if (event !== 'update') return super.handleIn(event, payload, ref);
    // The original broadcasts from a process of its own, so that the reply goes first.
    this.reply(ref, ok());
    this.#presence.update(this, (meta) => ({ ...meta, ...fields(payload) }));
    return undefined;
  }

  override terminate(): void {
    this.#presence.untrack(this);
  }
}

class DenyChannel extends Channel<ReferenceAssigns> {
  join(): Reply {
    return error({ reason: 'unauthorized' });
  }
}

class SlowChannel extends Channel<ReferenceAssigns> {
  async join(_topic: string, payload: unknown): Promise<Reply> {
    await sleep(Number(fields(payload).ms ?? 2000));
    return ok();
  }

  override handleIn(_event: string, payload: unknown): HandlerResult {
    return ok(payload);
  }
}

/** The channels that the recorded server served, by topic pattern. */
export function referenceChannels(endpoint: {
  broadcast(topic: string, event: string, payload: unknown): void;
}): Array<[string, ChannelFactory<ReferenceAssigns>]> {
  const presence = new Presence(endpoint);
  return [
    ['echo:*', () => new EchoChannel()],
    ['exact', () => new EchoChannel()],
    ['room:*', () => new RoomChannel()],
    ['bin:*', () => new BinaryChannel()],
    ['pres:*', () => new PresenceChannel(presence)],
    ['deny:*', () => new DenyChannel()],
    ['slow:*', () => new SlowChannel()],
  ];
}
