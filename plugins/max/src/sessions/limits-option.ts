import { ExitCode, parseDuration, RigError } from '@rig/plugin-api';
import type { SessionTuning } from './tuning.ts';

/** What a person may say of the limits of sessions, as text. */
export interface LimitsText {
  /** How long a shell or a connection may be without a byte. */
  idle?: string | undefined;
  /** How long any session may last. */
  limit?: string | undefined;
}

/** What they are called on the command line, and in the environment. */
const LIMIT_OPTIONS = { idle: '--session-idle', limit: '--session-limit' } as const;
const LIMIT_VARIABLES = { idle: 'RIG_MAX_SESSION_IDLE', limit: 'RIG_MAX_SESSION_LIMIT' } as const;

/** The longest that a timer of the system takes, in whole days. */
const LONGEST_MS = 24 * 24 * 60 * 60_000;

/**
 * Reads the limits of sessions: a duration such as 30m or 12h, or `never`.
 *
 * @param names what each was called, for the error
 * @throws RigError `RIG_USAGE` (2)
 */
function readLimits(text: LimitsText, names: Required<LimitsText>): Partial<SessionTuning> {
  const idleMs = readLimit(text.idle, names.idle ?? '');
  const limitMs = readLimit(text.limit, names.limit ?? '');
  return { ...(idleMs === undefined ? {} : { idleMs }), ...(limitMs === undefined ? {} : { limitMs }) };
}

function readLimit(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'never') return 0;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000 && ms <= LONGEST_MS) return ms;
  throw new RigError({
    code: 'RIG_USAGE',
    message: `${name} must be a duration from 1s to 24d, such as 30m or 12h, or never, and it is ${JSON.stringify(text)}`,
    hint: `leave it out for the usual one, or try: ${name} 1h`,
    exitCode: ExitCode.Usage,
  });
}

/**
 * The limits of a Max's sessions: the options, else RIG_MAX_SESSION_IDLE and RIG_MAX_SESSION_LIMIT, else the usual ones.
 *
 * @throws RigError `RIG_USAGE` (2)
 */
export function sessionLimitsOf(
  env: Readonly<Record<string, string | undefined>>,
  options: LimitsText,
): Partial<SessionTuning> {
  const fromEnv = { idle: env.RIG_MAX_SESSION_IDLE, limit: env.RIG_MAX_SESSION_LIMIT };
  return { ...readLimits(fromEnv, LIMIT_VARIABLES), ...readLimits(options, LIMIT_OPTIONS) };
}

/** Writes limits as the arguments of a Max process. */
export function limitArguments({ idleMs, limitMs }: Partial<SessionTuning>): string[] {
  const of = (option: string, ms: number | undefined): string[] =>
    ms === undefined ? [] : [option, ms === 0 ? 'never' : `${Math.ceil(ms / 1000)}s`];
  return [...of('--session-idle', idleMs), ...of('--session-limit', limitMs)];
}
