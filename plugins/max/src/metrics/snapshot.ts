import type { AppMetrics, InstanceMetrics, MetricsSample } from '@rig/plugin-api/max';
import type { MeasuredApp } from './measured-apps.ts';

/** One app in a snapshot. */
export interface MeasuredFigures {
  app: MeasuredApp;
  figures: AppMetrics;
  instances: InstanceMetrics[];
}

/** What all apps of this Max used and answered since the snapshot before. */
export interface Snapshot {
  at: string;
  /** Seconds since the one before. */
  seconds: number;
  /** By network, then by name. */
  apps: readonly MeasuredFigures[];
}

/** Which apps of a snapshot: a user's, a network's, or one alone, which comes with its instances. */
export type Selector = { userId: string } | { networkId: string } | { appId: string };

/** The part of a snapshot that a selector names, as the contract has it. */
export function sampleOf({ at, seconds, apps }: Snapshot, of: Selector): MetricsSample {
  if ('appId' in of) {
    const found = apps.filter(({ app }) => app.id === of.appId);
    return { at, seconds, apps: found.map(({ figures, instances }) => ({ ...figures, instances })) };
  }
  const fits =
    'userId' in of
      ? ({ ownerId }: MeasuredApp) => ownerId === of.userId
      : ({ networkId }: MeasuredApp) => networkId === of.networkId;
  return { at, seconds, apps: apps.filter(({ app }) => fits(app)).map(({ figures }) => figures) };
}
