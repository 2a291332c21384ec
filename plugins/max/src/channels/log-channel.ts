import type { LogAck, LogEnd, LogJoin, LogJoined } from '@rig/plugin-api/max';
import type { EventLog } from '../events.ts';
import { FOLLOW_WINDOW, LogFollower } from '../logs/follower.ts';
import type { Log } from '../logs/log.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endOfApp, endWith } from './end-with.ts';
import { type JoinRefusal, refuseJoin } from './refusal.ts';

const DEFAULT_LINES = 100;
const MAX_LINES = 10_000;
/** Above so many bytes that wait for a slow client nothing more is read for it. */
const BUFFERED_BYTES = 512 * 1024;

/** A log that may be followed. */
export interface FollowedLog {
  log: Log;
  /** The app that it is of. */
  appId: string;
  /** Whether nothing is appended any more; an app's log never ends. */
  ended: () => boolean;
}

/** What a log's channel asks for. */
export interface LogChannelOptions {
  events: EventLog;
  /** The log that the topic names, where it is there and this user may see it. */
  find(assigns: SocketAssigns, topic: string): FollowedLog | JoinRefusal;
}

/** `logs:app:ID` and `logs:build:ID`: a log's lines in batches, at the pace of the client's acknowledgements. */
export class LogChannel extends Channel<SocketAssigns> {
  readonly #options: LogChannelOptions;
  #follower: LogFollower | undefined;

  constructor(options: LogChannelOptions) {
    super();
    this.#options = options;
  }

  override join(topic: string, payload: unknown): Reply {
    const found = this.#options.find(this.assigns, topic);
    if (typeof found === 'string') return refuseJoin(topic, found);
    const { log, ended, appId } = found;
    endWith(this, this.#options.events, endOfApp(appId));
    const { last } = log;
    const after = startOf((payload ?? {}) as LogJoin, log);
    // Lines go out after the join's answer.
    this.run(() => {
      this.#follower = new LogFollower({
        log,
        after,
        ended,
        send: (batch) => this.push('lines', batch),
        ready: () => this.drained(BUFFERED_BYTES),
        onEnd: (end) => this.push('end', { last: end } satisfies LogEnd),
      });
    });
    return ok({ last, window: FOLLOW_WINDOW } satisfies LogJoined);
  }

  override handleIn(event: string, payload: unknown): undefined {
    const seq = (payload as LogAck | null)?.seq;
    if (event === 'ack' && typeof seq === 'number') this.#follower?.acknowledge(seq);
    return undefined;
  }

  override terminate(): void {
    this.#follower?.stop();
  }
}

/** The line after which a follower begins. */
function startOf({ after, lines }: LogJoin, log: Log): number {
  // A number beyond the log's end is of another log: what comes from now on is all there is to tell.
  if (typeof after === 'number' && Number.isSafeInteger(after) && after >= 0) return Math.min(after, log.last);
  const wanted = typeof lines === 'number' && lines >= 0 ? Math.min(Math.floor(lines), MAX_LINES) : DEFAULT_LINES;
  return Math.max(log.first - 1, log.last - wanted);
}
