import { formatBytes, formatDuration } from '@rig/plugin-api';
import { APP_DEFAULTS, type AppSettings } from '@rig/plugin-api/max';

const DAY_MS = 86_400_000;

/** When a change holds. */
export type TakesEffect = 'now' | 'at the next switch' | 'with the next release or restart';

/** One thing that an update changed; `null` is the default. */
export interface Change {
  /** As the API has it, e.g. `logs.maxBytes`. */
  setting: string;
  from: string | number | null;
  to: string | number | null;
  takesEffect: TakesEffect;
}

/** A setting: how it is named, where it is found, when it holds, and how it is shown. */
interface Setting {
  name: string;
  /** The option that sets it. */
  option: string;
  of(settings: AppSettings): string | number | null;
  takesEffect: TakesEffect;
  show(value: string | number | null): string;
}

const seconds =
  (usual: number) =>
  (value: string | number | null): string =>
    value === null ? `${formatDuration(usual * 1_000)} (default)` : formatDuration(Number(value) * 1_000);

/** How long lines are kept, for a person. */
export function showAge(days: number): string {
  return days === 0 ? 'any age' : formatDuration(days * DAY_MS);
}

/** Every setting of an app, in the order in which they are shown. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'healthcheck',
    option: 'healthcheck',
    of: (settings) => settings.healthcheck,
    takesEffect: 'with the next release or restart',
    show: (value) => (value === null ? 'the port opens' : String(value)),
  },
  {
    name: 'healthTimeoutSeconds',
    option: 'health-timeout',
    of: (settings) => settings.healthTimeoutSeconds,
    takesEffect: 'with the next release or restart',
    show: seconds(APP_DEFAULTS.healthTimeoutSeconds),
  },
  {
    name: 'drainTimeoutSeconds',
    option: 'drain-timeout',
    of: (settings) => settings.drainTimeoutSeconds,
    takesEffect: 'at the next switch',
    show: seconds(APP_DEFAULTS.drainTimeoutSeconds),
  },
  {
    name: 'stopTimeoutSeconds',
    option: 'stop-timeout',
    of: (settings) => settings.stopTimeoutSeconds,
    takesEffect: 'with the next release or restart',
    show: seconds(APP_DEFAULTS.stopTimeoutSeconds),
  },
  {
    name: 'logs.maxBytes',
    option: 'log-size',
    of: (settings) => settings.logs.maxBytes,
    takesEffect: 'now',
    show: (value) =>
      value === null ? `${formatBytes(APP_DEFAULTS.logs.maxBytes)} (default)` : formatBytes(Number(value)),
  },
  {
    name: 'logs.maxAgeDays',
    option: 'log-age',
    of: (settings) => settings.logs.maxAgeDays,
    takesEffect: 'now',
    show: (value) => (value === null ? `${showAge(APP_DEFAULTS.logs.maxAgeDays)} (default)` : showAge(Number(value))),
  },
];

/** What differs between two of an app's settings. */
export function changesOf(before: AppSettings, after: AppSettings): Change[] {
  return SETTINGS.filter(({ of }) => of(before) !== of(after)).map(({ name, of, takesEffect }) => {
    return { setting: name, from: of(before), to: of(after), takesEffect };
  });
}
