import { ExitCode, formatBytes, formatDuration, parseBytes, parseDuration, RigError } from '@rig/plugin-api';
import { APP_LIMITS, checkHealthcheck, type UpdateApp } from '@rig/plugin-api/max';

/** The options that set an app's settings, as they were typed. */
export interface SettingOptions {
  healthcheck?: string | undefined;
  healthTimeout?: string | undefined;
  drainTimeout?: string | undefined;
  stopTimeout?: string | undefined;
  logSize?: string | undefined;
  logAge?: string | undefined;
}

const DAY_MS = 86_400_000;

interface Bounds {
  least: number;
  most: number;
}

function bad(message: string, hint: string): RigError {
  return new RigError({ code: 'RIG_BAD_OPTION', message, hint, exitCode: ExitCode.Usage });
}

function parseHealthcheck(text: string): string | null {
  if (text === 'none') return null;
  const wrong = checkHealthcheck(text);
  if (wrong === undefined) return text;
  throw bad(
    `the path ${JSON.stringify(text)} of --healthcheck ${wrong}`,
    'for example: --healthcheck /healthz, or none',
  );
}

function parseSeconds(option: string, text: string, { least, most }: Bounds): number | null {
  if (text === 'default') return null;
  const seconds = (parseDuration(text) ?? Number.NaN) / 1_000;
  if (seconds >= least && seconds <= most) return seconds;
  throw bad(
    `${option} must be a duration from ${formatDuration(least * 1_000)} to ${formatDuration(most * 1_000)}, and is ${JSON.stringify(text)}`,
    `for example: ${option} 90s, or default`,
  );
}

function parseLogSize(text: string): number | null {
  if (text === 'default') return null;
  const { least, most } = APP_LIMITS.logs.maxBytes;
  const bytes = parseBytes(text) ?? Number.NaN;
  if (bytes >= least && bytes <= most) return bytes;
  throw bad(
    `--log-size must be a size from ${formatBytes(least)} to ${formatBytes(most)}, and is ${JSON.stringify(text)}`,
    'for example: --log-size 200MB, or default',
  );
}

function parseLogAge(text: string): number | null {
  if (text === 'default') return null;
  if (text === 'off') return 0;
  const { least, most } = APP_LIMITS.logs.maxAgeDays;
  const days = (parseDuration(text) ?? Number.NaN) / DAY_MS;
  if (days >= least && days <= most) return days;
  throw bad(
    `--log-age must be a duration from ${formatDuration(least * DAY_MS)} to ${formatDuration(most * DAY_MS)}, and is ${JSON.stringify(text)}`,
    'for example: --log-age 14d, or off for any age, or default',
  );
}

/**
 * Reads the options that set an app's settings; what is not given is not in the patch.
 *
 * @throws RigError `RIG_BAD_OPTION` (2)
 */
export function parseSettings(options: SettingOptions): UpdateApp {
  const { healthcheck, healthTimeout, drainTimeout, stopTimeout, logSize, logAge } = options;
  const patch: UpdateApp = {};
  if (healthcheck !== undefined) patch.healthcheck = parseHealthcheck(healthcheck);
  if (healthTimeout !== undefined)
    patch.healthTimeoutSeconds = parseSeconds('--health-timeout', healthTimeout, APP_LIMITS.healthTimeoutSeconds);
  if (drainTimeout !== undefined)
    patch.drainTimeoutSeconds = parseSeconds('--drain-timeout', drainTimeout, APP_LIMITS.drainTimeoutSeconds);
  if (stopTimeout !== undefined)
    patch.stopTimeoutSeconds = parseSeconds('--stop-timeout', stopTimeout, APP_LIMITS.stopTimeoutSeconds);
  if (logSize !== undefined || logAge !== undefined)
    patch.logs = {
      ...(logSize === undefined ? {} : { maxBytes: parseLogSize(logSize) }),
      ...(logAge === undefined ? {} : { maxAgeDays: parseLogAge(logAge) }),
    };
  return patch;
}
