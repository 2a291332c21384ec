import type { Session, SessionEnd, SessionJoin, SessionJoined } from '@rig/plugin-api/max';
import { Attached } from './attached.ts';
import { InStream } from './in-stream.ts';
import { OutStreams } from './out-streams.ts';
import type { Attachment, SessionClient, SessionEntry } from './session-entry.ts';
import { SessionLimits } from './session-limits.ts';
import type { SessionTarget, TargetEnd } from './target.ts';
import { type SessionTuning, windowOf } from './tuning.ts';

/** What is known of a session when it begins. */
export interface SessionFacts
  extends Pick<Session, 'id' | 'kind' | 'network' | 'app' | 'instance' | 'release' | 'argv'> {
  userId: string;
  /** The user's name. */
  user: string;
  appId: string | null;
  networkId: string;
  startedAt: string;
  timeoutSeconds?: number | undefined;
}

/** Who hears of a session's life. */
export interface SessionListener {
  /** Nothing of it runs any more, and all that it wrote was sent or given up. */
  ended(end: SessionEnd, bytes: { in: number; out: number }): void;
  /** Nobody will come back to it. */
  gone(): void;
}

/** A session that lives with Max: what runs, its streams, and the client that is joined. */
export class LiveSession implements SessionEntry {
  readonly id: string;
  readonly userId: string;
  readonly appId: string | null;
  readonly networkId: string;
  readonly whenEnded: Promise<void>;
  readonly #facts: SessionFacts;
  readonly #tuning: SessionTuning;
  readonly #listener: SessionListener;
  readonly #target: SessionTarget;
  readonly #window: number;
  readonly #in: InStream;
  readonly #out: OutStreams;
  readonly #limits: SessionLimits;
  readonly #began = performance.now();
  #attached: Attached | undefined;
  #why: SessionEnd['reason'] | undefined;
  #end: SessionEnd | undefined;
  #endedAt: string | null = null;
  #resolveEnded!: () => void;
  /** Runs while nobody is joined, and after the end. */
  #alone: NodeJS.Timeout | undefined;

  constructor(facts: SessionFacts, target: SessionTarget, tuning: SessionTuning, listener: SessionListener) {
    this.id = facts.id;
    this.userId = facts.userId;
    this.appId = facts.appId;
    this.networkId = facts.networkId;
    this.#facts = facts;
    this.#tuning = tuning;
    this.#listener = listener;
    this.#target = target;
    this.#window = windowOf(facts.kind);
    this.whenEnded = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#in = new InStream(target.stdin, this.#window, () => this.#attached?.ackSoon());
    this.#out = new OutStreams(target, this.#window, {
      came: () => this.#limits.touch(),
      more: () => this.#attached?.pumpSoon(),
      ended: () => this.#settle(),
    });
    this.#limits = new SessionLimits(facts, tuning, {
      over: (reason) => this.stop(reason),
      warn: (text) => this.#out.say(text),
    });
    void target.ended.then((end) => this.#targetEnded(end));
    this.#out.start();
    this.#waitAlone();
  }

  view(): Session {
    const { id, kind, network, app, instance, release, argv, user, startedAt } = this.#facts;
    const over = this.#endedAt !== null;
    return {
      ...{ id, kind, network, app, instance, release, argv, user, startedAt },
      state: over ? 'ended' : 'running',
      detached: false,
      attached: this.#attached !== undefined,
      endedAt: this.#endedAt,
      end: over ? (this.#end ?? null) : null,
    };
  }

  join(client: SessionClient, params: SessionJoin): { joined: SessionJoined; attachment: Attachment } {
    this.#attached?.taken();
    clearTimeout(this.#alone);
    const from = this.#out.rewind(params.received);
    if (params.terminal !== undefined) this.#target.resize?.(params.terminal);
    const attachment = new Attached(client, {
      in: this.#in,
      out: this.#out,
      target: this.#target,
      window: this.#window,
      touch: () => this.#limits.touch(),
      end: () => (this.#endedAt === null ? undefined : this.#end),
      left: (atWish) => this.#left(attachment, atWish),
    });
    this.#attached = attachment;
    const { idleSeconds, limitSeconds } = this.#limits;
    const joined = {
      session: this.view(),
      stdin: this.#in.resumeAt(params.received !== undefined),
      from,
      window: this.#window,
    };
    return { joined: { ...joined, idleSeconds, limitSeconds }, attachment };
  }

  stop(reason: SessionEnd['reason']): void {
    if (this.#end !== undefined) {
      this.#giveUp(reason);
      return;
    }
    this.#why ??= reason;
    this.#target.stop(reason === 'max-stopped' ? this.#tuning.maxStopMs : this.#tuning.graceMs);
    if (this.#attached === undefined || reason === 'max-stopped') this.#out.drop();
  }

  /** It has ended already, but not all that it wrote was read: at a wish that it ends nobody waits for that. */
  #giveUp(reason: SessionEnd['reason']): void {
    if (this.#endedAt !== null) return;
    if (reason === 'max-stopped' || reason === 'abandoned' || this.#attached === undefined) this.#out.drop();
    this.#target.close();
  }

  #targetEnded({ code, signal, failed }: TargetEnd): void {
    const durationMs = Math.round(performance.now() - this.#began);
    const reason = this.#why ?? (failed === undefined ? 'exited' : 'failed');
    this.#end = { reason, code, signal, durationMs, ...(failed === undefined ? {} : { detail: failed }) };
    this.#limits.stop();
    // Somebody may hold a pipe or the terminal who is none of the session's any more.
    const patienceMs = this.#why === undefined ? this.#tuning.abandonMs : this.#tuning.maxStopMs;
    this.#out.closeWhenQuiet(patienceMs, () => this.#target.close());
    // One that was to end does so, whatever still writes into its streams.
    if (this.#why !== undefined) setTimeout(() => this.#giveUp(this.#why ?? 'stopped'), this.#tuning.abandonMs).unref();
    this.#settle();
    if (this.#attached === undefined && this.#endedAt === null) this.#waitAlone();
  }

  /** Ends the session once what runs has ended and all that it wrote has come out. */
  #settle(): void {
    if (this.#end === undefined || this.#endedAt !== null || !this.#out.ended) return;
    this.#endedAt = new Date().toISOString();
    this.#target.close();
    this.#listener.ended(this.#end, { in: this.#in.received, out: this.#out.total });
    this.#resolveEnded();
    this.#attached?.pump();
    if (this.#attached === undefined) this.#waitAlone();
  }

  #left(attachment: Attached, atWish: boolean): void {
    if (this.#attached !== attachment) return;
    this.#attached = undefined;
    // What was sent may be lost with its connection: only one who leaves has surely heard the end.
    if (attachment.toldEnd && atWish) this.#forget();
    else this.#waitAlone();
  }

  #waitAlone(): void {
    clearTimeout(this.#alone);
    const over = this.#endedAt !== null;
    this.#alone = setTimeout(
      () => (over ? this.#forget() : this.stop('abandoned')),
      over ? this.#tuning.retainMs : this.#tuning.abandonMs,
    );
    this.#alone.unref();
  }

  #forget(): void {
    clearTimeout(this.#alone);
    this.#listener.gone();
  }
}
