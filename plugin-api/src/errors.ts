import { ExitCode } from './exit-code.ts';

const BRAND: unique symbol = Symbol.for('rig.error') as never;

/** What a {@link RigError} is made of. */
export interface RigErrorInit {
  /** Stable code, `RIG_` and upper case words; each is listed in `docs/errors.md`. */
  code: string;
  /** What happened, to which thing, and why; one sentence without a full stop is fine. Never a secret. */
  message: string;
  /** What mends it, best as a command the user can paste. */
  hint?: string;
  /** The exit code; {@link ExitCode.Failed} where none is given. */
  exitCode?: number;
  /** The request id of the Max request that failed, if there was one. */
  requestId?: string;
  /** The last lines of a log that explain the failure; shown below the message. */
  lines?: readonly string[];
  /** More facts for `-o json`, JSON-plain. */
  details?: Record<string, unknown>;
  /** The error underneath; only shown with `RIG_DEBUG`. */
  cause?: unknown;
}

/**
 * A failure that a person can meet: rendered as message, code and hint, without a stack, and ending rig with `exitCode`.
 *
 * Any number of copies of this package may be loaded: use {@link isRigError} rather than `instanceof`.
 */
export class RigError extends Error {
  /** Stable code, see {@link RigErrorInit.code}. */
  readonly code: string;
  /** What mends it, or `undefined`. */
  readonly hint: string | undefined;
  /** The code that rig ends with. */
  readonly exitCode: number;
  /** Id of the Max request that failed, or `undefined`. */
  readonly requestId: string | undefined;
  /** Last lines of a log that explain it, or `undefined`. */
  readonly lines: readonly string[] | undefined;
  /** More facts for `-o json`, or `undefined`. */
  readonly details: Record<string, unknown> | undefined;
  readonly [BRAND] = true;

  constructor(init: RigErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'RigError';
    this.code = init.code;
    this.hint = init.hint;
    this.exitCode = init.exitCode ?? ExitCode.Failed;
    this.requestId = init.requestId;
    this.lines = init.lines;
    this.details = init.details;
  }
}

/** Tells whether a thrown value is a {@link RigError} of any copy of this package. */
export function isRigError(value: unknown): value is RigError {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: boolean })[BRAND] === true;
}

/**
 * Tells whether a failure of Max may be gone at the next try: a cut connection, a timeout, a busy Max, bytes spoilt on the
 * way.
 */
export function isPassing(error: unknown): boolean {
  if (!isRigError(error)) return false;
  if (error.exitCode === ExitCode.Unreachable || error.exitCode === ExitCode.TimedOut) return true;
  return error.code === 'RIG_BUSY' || error.code === 'RIG_DIGEST_MISMATCH';
}
