import { APP_LIMITS, type AppSettings, checkHealthcheck } from '@rig/plugin-api/max';
import { goodName } from '../names.ts';
import { ProblemError } from './problem-error.ts';

/** Another name where one is given, and the settings as they are to be. */
export interface Update {
  name: string | undefined;
  settings: AppSettings;
}

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

/** Only what is known may stand in a patch: a misspelt name would be a change that never was. */
function refuseUnknown(patch: object, known: readonly string[], prefix: string): void {
  for (const key of Object.keys(patch))
    if (!known.includes(key))
      throw bad(
        `there is nothing of the name ${JSON.stringify(prefix + key.slice(0, 100))} to change, only ${known.map((name) => prefix + name).join(', ')}`,
      );
}

function amount(name: string, value: unknown, { least, most }: { least: number; most: number }): number | null {
  if (value === null) return null;
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw bad(`"${name}" must be a whole number from ${least} to ${most}, or null for the default`);
}

function ageOf(value: unknown): number | null {
  const { least, most } = APP_LIMITS.logs.maxAgeDays;
  if (value === null || value === 0) return value;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw bad(`"logs.maxAgeDays" must be a number of days from 1/24 to ${most}, 0 for any age, or null for the default`);
}

function pathOf(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') throw bad('"healthcheck" must be a path, or null for none');
  const wrong = checkHealthcheck(value);
  if (wrong !== undefined) throw bad(`the path in "healthcheck" ${wrong}`);
  return value;
}

function logsOf(before: AppSettings['logs'], patch: unknown): AppSettings['logs'] {
  if (patch === null) return { maxBytes: null, maxAgeDays: null };
  if (typeof patch !== 'object' || Array.isArray(patch))
    throw bad('"logs" must be an object, or null for the defaults');
  refuseUnknown(patch as object, ['maxBytes', 'maxAgeDays'], 'logs.');
  const { maxBytes, maxAgeDays } = patch as Record<string, unknown>;
  return {
    maxBytes: maxBytes === undefined ? before.maxBytes : amount('logs.maxBytes', maxBytes, APP_LIMITS.logs.maxBytes),
    maxAgeDays: maxAgeDays === undefined ? before.maxAgeDays : ageOf(maxAgeDays),
  };
}

const SECONDS = ['healthTimeoutSeconds', 'drainTimeoutSeconds', 'stopTimeoutSeconds'] as const;

/**
 * Reads a merge patch of an app: what is left out stays, `null` is the default again.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400) naming the field, `RIG_BAD_NAME` (422)
 */
export function readAppUpdate(body: unknown, before: AppSettings): Update {
  const patch = body as Record<string, unknown>;
  refuseUnknown(patch, ['name', 'healthcheck', ...SECONDS, 'logs'], '');
  const settings = { ...before };
  if (patch.healthcheck !== undefined) settings.healthcheck = pathOf(patch.healthcheck);
  for (const key of SECONDS) if (patch[key] !== undefined) settings[key] = amount(key, patch[key], APP_LIMITS[key]);
  if (patch.logs !== undefined) settings.logs = logsOf(before.logs, patch.logs);
  return { name: patch.name === undefined ? undefined : goodName(patch.name, 'app'), settings };
}

/**
 * Reads a merge patch of a network: its name is all that can change.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400) naming the field, `RIG_BAD_NAME` (422)
 */
export function readNetworkUpdate(body: unknown): { name: string | undefined } {
  const patch = body as Record<string, unknown>;
  refuseUnknown(patch, ['name'], '');
  return { name: patch.name === undefined ? undefined : goodName(patch.name, 'network') };
}

/** The names of what differs between two of an app's settings. */
export function changedNames(before: AppSettings, after: AppSettings): string[] {
  const own = (['healthcheck', ...SECONDS] as const).filter((key) => before[key] !== after[key]);
  const logs = (['maxBytes', 'maxAgeDays'] as const).filter((key) => before.logs[key] !== after.logs[key]);
  return [...own, ...logs.map((key) => `logs.${key}`)];
}
