import type { AppSettings } from '@rig/plugin-api/max';

/** The runtime's times and limits. */
export interface Tuning {
  /** A new instance must be healthy within this time. */
  healthLimitMs: number;
  /** An instance that gets no requests is healthy once it has run for that long. */
  settleMs: number;
  /** Between two looks at an instance that starts. */
  probeMs: number;
  /** Between two looks at an instance that serves. */
  checkMs: number;
  /** Requests of the release before may go on for that long after a switch. */
  drainMs: number;
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
  /** The pause after a first crash; it doubles with each that follows. */
  backoffMs: number;
  backoffMaxMs: number;
  /** A run of that length makes earlier crashes forgotten. */
  stableMs: number;
  buildLimitMs: number;
  buildsAtOnce: number;
  /** Release folders that are kept of each app, beside the one that serves. */
  keptReleases: number;
}

/** What holds unless a test says otherwise. */
export const DEFAULT_TUNING: Tuning = {
  healthLimitMs: 60_000,
  settleMs: 2_000,
  probeMs: 100,
  checkMs: 10_000,
  drainMs: 30_000,
  graceMs: 10_000,
  backoffMs: 1_000,
  backoffMaxMs: 60_000,
  stableMs: 60_000,
  buildLimitMs: 20 * 60_000,
  buildsAtOnce: 2,
  keptReleases: 2,
};

/** The times that hold for one app: its own where it has them. */
export function tuningOf(tuning: Tuning, settings: AppSettings): Tuning {
  const ms = (seconds: number | null, usual: number): number => (seconds === null ? usual : seconds * 1_000);
  return {
    ...tuning,
    healthLimitMs: ms(settings.healthTimeoutSeconds, tuning.healthLimitMs),
    drainMs: ms(settings.drainTimeoutSeconds, tuning.drainMs),
    graceMs: ms(settings.stopTimeoutSeconds, tuning.graceMs),
  };
}
