/** Times and limits of sessions. */
export interface SessionTuning {
  /** Without a byte in either direction a terminal or a connection ends after so long; 0 for never. */
  idleMs: number;
  /** Any session ends after so long; 0 for never. */
  limitMs: number;
  /** A terminal is warned that long before. */
  warnMs: number;
  /** A session that nobody is joined to ends after so long. */
  abandonMs: number;
  /** What has ended can be joined for so long. */
  retainMs: number;
  /** From the wish that it ends to SIGKILL. */
  graceMs: number;
  /** The same where Max itself ends. */
  maxStopMs: number;
  /** How long past that they may hold up the end of Max. */
  stopMarginMs: number;
  /** Sessions of one user, and of all. */
  perUser: number;
  inAll: number;
}

/** What holds unless it is said otherwise. */
export const SESSION_TUNING: SessionTuning = {
  idleMs: 60 * 60_000,
  limitMs: 24 * 60 * 60_000,
  warnMs: 30_000,
  abandonMs: 60_000,
  retainMs: 60_000,
  graceMs: 10_000,
  maxStopMs: 1_000,
  stopMarginMs: 6_000,
  perUser: 100,
  inAll: 200,
};

/** Bytes of each stream that may be on their way: what a person types and reads, and what programs do. */
export function windowOf(kind: string): number {
  return kind === 'shell' ? 256 * 1024 : 2 * 1024 * 1024;
}
