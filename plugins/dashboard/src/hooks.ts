import { series } from '@rig/plugin-api';
import type { DashboardPanel } from './model/panel.ts';
import type { SeriesValues } from './model/series.ts';
import type { DashboardSnapshot } from './model/snapshot.ts';

export type { DashboardPanel, PanelSeries } from './model/panel.ts';
export type { SeriesValues } from './model/series.ts';
export type { Connection, DashboardApp, DashboardSnapshot, Totals } from './model/snapshot.ts';

/**
 * Asks for panels: when the dashboard begins, and again after the least `refreshSeconds` of all that there are. One that
 * is not added again goes away.
 */
export const dashboardPanels = series<{
  /** Everything that the dashboard shows, panels apart. */
  readonly snapshot: DashboardSnapshot;
  /** Figures of an app by the second, the last two minutes, oldest first; `NaN` where there is none. */
  readonly series: (appId: string) => SeriesValues | undefined;
  /** Shows a panel, in the place of one of the same id. @throws TypeError where it is not as its type says */
  readonly add: (panel: DashboardPanel) => void;
}>('dashboard:panels', { deadline: 2000 });

/** What a tap of {@link dashboardPanels} is told. */
export type PanelsPayload = NonNullable<(typeof dashboardPanels)['payload']>;
