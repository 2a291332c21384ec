import type { DashboardApp, DashboardPanel, SeriesValues } from '@rig/plugin-dashboard/hooks';

const SHOWN = 5;

/** An app and how fast it spends its budget: 1 is as fast as it may. */
interface Burn {
  app: DashboardApp;
  rate: number;
  /** Share of failed requests by the second. */
  shares: Array<number | null>;
}

type Figures = Pick<SeriesValues, 'requests' | 'errors'>;

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);

/** All that is known where one snapshot is made. */
const lastSecond = (app: DashboardApp): Figures => ({
  requests: [app.requestsPerSecond],
  errors: [app.errorsPerSecond],
});

function burnOf(app: DashboardApp, { requests, errors }: Figures, allowed: number): Burn {
  const all = sum(requests);
  const shares = requests.map((count, i) => (count > 0 ? (errors[i] ?? 0) / count : null));
  return { app, rate: all === 0 ? 0 : sum(errors) / all / allowed, shares };
}

/** Makes the panel: the apps that spend their error budget fastest, over the last two minutes. */
export function budgetPanel(
  apps: readonly DashboardApp[],
  series: (appId: string) => SeriesValues | undefined,
  target: number,
): DashboardPanel {
  const allowed = Math.max(1e-6, 1 - target / 100);
  const burns = apps
    .map((app) => burnOf(app, series(app.id) ?? lastSecond(app), allowed))
    .filter(({ rate }) => rate > 0)
    .sort((a, b) => b.rate - a.rate)
    .slice(0, SHOWN);
  const panel = { id: 'error-budget', title: `Error budget of ${target}%`, refreshSeconds: 5 };
  if (burns.length === 0) return { ...panel, text: ['No app fails requests.'] };
  return {
    ...panel,
    series: burns.map(({ app, rate, shares }) => ({
      label: `${app.app}.${app.network}`,
      values: shares,
      text: `${rate.toFixed(1)}x`,
    })),
  };
}
