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

/** What a follower receives: event `lines` on the topics `logs:app:ID` and `logs:build:ID`. */
export type LogBatch = { lines: LogLine[] } | LogGap;

/** Join params of a log's topic; `after` wins over `lines`. */
export interface LogJoin {
  /** Send what comes after this sequence number. */
  after?: number;
  /** Begin with that many of the most recent lines. */
  lines?: number;
}

/** Reply to the join. */
export interface LogJoined {
  /** Sequence number of the last line at the time of the join, 0 for none. */
  last: number;
  /** Unacknowledged lines that Max keeps in flight: push `ack` with {@link LogAck} well before that many. */
  window: number;
}

/** The client's acknowledgement, event `ack`, without a reply. */
export interface LogAck {
  /** Sequence number of the last line that was dealt with. */
  seq: number;
}

/** Event `end` of `logs:build:ID`: the build is over and every line was sent. */
export interface LogEnd {
  /** Sequence number of the last line. */
  last: number;
}
