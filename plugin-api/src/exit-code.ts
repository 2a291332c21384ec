/** The exit codes of rig: documented in `rig help exit-codes`, never renumbered. */
export const ExitCode = {
  /** It worked. */
  Ok: 0,
  /** It failed for a reason that has no code of its own. */
  Failed: 1,
  /** The command line was wrong. */
  Usage: 2,
  /** The thing that was named does not exist. */
  NotFound: 3,
  /** Not signed in, or not allowed. */
  Denied: 4,
  /** The state of the thing forbids it: a name is taken, a precondition failed. */
  Conflict: 5,
  /** Server or network cannot be reached. */
  Unreachable: 6,
  /** It took longer than it may. */
  TimedOut: 7,
  /** A plugin failed: it does not load, or one of its taps threw. */
  Plugin: 8,
  /** Interrupted by the user. */
  Interrupted: 130,
} as const;

/** One of rig's exit codes. `shell` and `command` pass the remote program's own code on instead. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
