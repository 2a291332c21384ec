import type { LogAck, LogEnd, LogJoin, LogJoined } from '@rig/plugin-api/max';
import type { EventLog } from '../events.ts';
import { FOLLOW_WINDOW, LogFollower } from '../logs/follower.ts';
import type { Log } from '../logs/log.ts';
import { boundsOf } from '../logs/positions.ts';
import { iso, readSelection } from '../logs/selection.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endOfApp, endWith } from './end-with.ts';
import { failedOf, refuseSelection } from './log-refusal.ts';
import { type JoinRefusal, refuseJoin } from './refusal.ts';

/** Above so many bytes that wait for a slow client nothing more is read for it. */
export const BUFFERED_BYTES = 512 * 1024;

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

  override async join(topic: string, payload: unknown): Promise<Reply> {
    const found = this.#options.find(this.assigns, topic);
    if (typeof found === 'string') return refuseJoin(topic, found);
    const { log, ended, appId } = found;
    endWith(this, this.#options.events, endOfApp(appId));
    const params = (payload ?? {}) as LogJoin;
    const { last } = log;
    try {
      const selection = readSelection((name) => (params as Record<string, unknown>)[name]);
      const { filter, until } = selection;
      const { after } = await boundsOf(log, selection, numberOrNone(params.after));
      // Lines go out after the join's answer.
      this.run(() => {
        this.#follower = new LogFollower({
          log,
          after,
          filter,
          until,
          ended,
          send: (batch) => this.push('lines', batch),
          ready: () => this.drained(BUFFERED_BYTES),
          onEnd: (end) => this.push('end', { last: end } satisfies LogEnd),
          onFail: (problem) => {
            this.push('failed', failedOf(problem));
            this.close();
          },
        });
      });
      const joined: LogJoined = { last, window: FOLLOW_WINDOW, after };
      return ok(until === undefined ? joined : { ...joined, until: iso(until) });
    } catch (problem) {
      return refuseSelection(problem);
    }
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

function numberOrNone(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
