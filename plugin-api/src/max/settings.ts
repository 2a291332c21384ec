/** How an app is run, and how much of its logs is kept; `null`: as {@link APP_DEFAULTS} has it. */
export interface AppSettings {
  /** Path that must answer with 200 to 399, or `null`: the port must open. */
  healthcheck: string | null;
  /** How long a new instance may take to be healthy. */
  healthTimeoutSeconds: number | null;
  /** How long requests of the release before may go on after a switch. */
  drainTimeoutSeconds: number | null;
  /** How long an instance may take to end after SIGTERM, before SIGKILL. */
  stopTimeoutSeconds: number | null;
  /** How much is kept: of the app's log, and as much again of those of its builds together. */
  logs: {
    /** The oldest lines beyond are dropped. */
    maxBytes: number | null;
    /** Older lines are dropped; a part of a day is a fraction, and 0 keeps them whatever their age. */
    maxAgeDays: number | null;
  };
}

/** What holds where an app's settings have `null`. */
export const APP_DEFAULTS = {
  healthTimeoutSeconds: 60,
  drainTimeoutSeconds: 30,
  stopTimeoutSeconds: 10,
  logs: { maxBytes: 64_000_000, maxAgeDays: 30 },
} as const;

/** The least and the most that each setting may be; an age of 0 beside. */
export const APP_LIMITS = {
  healthTimeoutSeconds: { least: 1, most: 3_600 },
  drainTimeoutSeconds: { least: 0, most: 3_600 },
  stopTimeoutSeconds: { least: 1, most: 600 },
  logs: { maxBytes: { least: 1_000_000, most: 100_000_000_000 }, maxAgeDays: { least: 1 / 24, most: 3_650 } },
} as const;

/** Sent to `PATCH …/apps/:app` as a merge patch (RFC 7396): what is left out stays, `null` is the default again. */
export interface UpdateApp extends Partial<Omit<AppSettings, 'logs'>> {
  /** Another name: the hostname and the URL change with it. See {@link NAME_PATTERN}. */
  name?: string;
  /** Either of the two, or `null` for the defaults of both. */
  logs?: Partial<AppSettings['logs']> | null;
}

/** Sent to `PATCH /v1/networks/:network` as a merge patch. */
export interface UpdateNetwork {
  /** Another name: the hostnames and URLs of its apps change with it. See {@link NAME_PATTERN}. */
  name?: string;
}

const HEALTHCHECK_MAX = 1_024;

/**
 * Says what is wrong with a healthcheck path.
 *
 * @returns `undefined` for a good one, else a reason that completes "the path … "
 */
export function checkHealthcheck(path: string): string | undefined {
  if (!path.startsWith('/')) return 'does not begin with "/"';
  if (path.length > HEALTHCHECK_MAX) return `has ${path.length} characters, and ${HEALTHCHECK_MAX} are the most`;
  if (path.includes('#')) return 'has a "#", which no request can have';
  if (!/^[\x21-\x7e]*$/.test(path)) return 'has characters that a request must have percent-encoded';
  return undefined;
}
