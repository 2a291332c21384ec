import type { ProblemCode } from './problems.ts';

/** A line of a log. */
export interface LogLine {
  /** Counted from 1 per app or build, without holes unless retention dropped some. */
  seq: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  /** `web.1` and so on; `build` or `max` for what Max says itself. */
  instance: string;
  /** Where it was written; `system` for what Max says itself. */
  stream: 'stdout' | 'stderr' | 'system';
  /** Without the line's end; at most 64 KiB, longer lines are cut and say so. */
  text: string;
}

/** Lines that are gone because retention dropped them. */
export interface LogGap {
  /** Sequence numbers of the first and the last line that are gone. */
  gap: { from: number; to: number };
}

/** The levels of log lines, from the least to the most severe. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Which lines of a log: those that everything given here holds for. */
export interface LogFilter {
  /** An instance such as `web.1`, or all of a process type such as `web`. */
  instance?: string;
  /** Lines of this level and above; `docs/apps.md` says how a line's level is told. */
  level?: LogLevel;
  /** A JavaScript regular expression without flags, which the text matches somewhere. */
  grep?: string;
}

/** Where a log is read from and to, and which lines of it. */
export interface LogSelection extends LogFilter {
  /** As many of the most recent lines; 100 unless said, all of them where `since` says where to begin. */
  lines?: number;
  /** Begin with the first line that is not older: ISO 8601, or a duration back from now such as `10m`, `2h`, `1d`. */
  since?: string;
  /** End before the first line that is younger; in the same forms. */
  until?: string;
}

/** What a follower receives: event `lines` on the topics `logs:app:ID` and `logs:build:ID`. */
export type LogBatch =
  | {
      lines: LogLine[];
      /** With a filter: everything up to this sequence number was looked at; what is missing did not match. */
      through?: number;
    }
  | LogGap;

/** Join params of a log's topic; `after` wins over `lines` and `since`. */
export interface LogJoin extends LogSelection {
  /** Send what comes after this sequence number. */
  after?: number;
}

/** Reply to the join. */
export interface LogJoined {
  /** Sequence number of the last line at the time of the join, 0 for none. */
  last: number;
  /** Unacknowledged lines that Max keeps in flight: push `ack` with {@link LogAck} well before that many. */
  window: number;
  /** The sequence number after which the lines begin. */
  after?: number;
  /** `until` as a time: for a join again. */
  until?: string;
}

/** A line of a network's log: which app it is of. */
export interface NetworkLogLine extends LogLine {
  /** Name of the app. */
  app: string;
  /** Its id: an app that is made anew has another, and counts its lines from 1. */
  appId: string;
}

/** Lines of one app of a network that are gone because retention dropped them. */
export interface NetworkLogGap extends LogGap {
  /** Name of the app. */
  app: string;
  /** Its id. */
  appId: string;
}

/** What a follower of a network receives: event `lines` on the topic `logs:network:ID`. */
export type NetworkLogBatch =
  | {
      /** In order of time as far as was known, each app's by its sequence numbers. */
      lines: NetworkLogLine[];
      /** By app id: everything up to this sequence number was looked at. */
      through: Record<string, number>;
    }
  | NetworkLogGap;

/** Join params of `logs:network:ID`. */
export interface NetworkLogJoin extends LogSelection {
  /** By app id, the sequence number to go on after; an app that is not named begins as the rest says. */
  after?: Record<string, number>;
  /** `false`: the lines that there are now, and then `end`. */
  follow?: boolean;
}

/** Reply to the join of `logs:network:ID`. */
export interface NetworkLogJoined {
  /** Unacknowledged lines that Max keeps in flight: push `ack` with {@link NetworkLogAck} well before that many. */
  window: number;
  /** By app id, the sequence number after which its lines begin. */
  after: Record<string, number>;
  /** `until` as a time: for a join again. */
  until?: string;
}

/** The acknowledgement of a network's follower, event `ack`, without a reply. */
export interface NetworkLogAck {
  /** App of the last line that was dealt with: it, and all that was sent before it. */
  appId: string;
  /** Its sequence number. */
  seq: number;
}

/** Event `failed` of a log's topic: the log cannot be read on, and the channel ends. */
export interface LogFailed {
  /** Stable code. */
  code: ProblemCode;
  /** What happened and why. */
  detail: string;
  /** What mends it. */
  fix?: string;
}

/** The client's acknowledgement, event `ack`, without a reply. */
export interface LogAck {
  /** Sequence number of the last line that was dealt with. */
  seq: number;
}

/** Event `end`: every line was sent, and the build is over or `until` has passed. */
export interface LogEnd {
  /** Sequence number of the last line. */
  last: number;
}
