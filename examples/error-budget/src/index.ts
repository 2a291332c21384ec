import { definePlugin, on, type TapContext } from '@rig/plugin-api';
import { dashboardPanels, type PanelsPayload } from '@rig/plugin-dashboard/hooks';
import { budgetPanel } from './budget-panel.ts';

async function addPanel({ snapshot, series, add }: PanelsPayload, { services }: TapContext): Promise<void> {
  const config = await services.config();
  const target = config.get<number>('error-budget.target') ?? 99.9;
  add(budgetPanel(snapshot.apps, series, target));
}

export default definePlugin({
  name: 'error-budget',
  taps: [on(dashboardPanels, addPanel)],
  settings: {
    target: { type: 'number', description: 'Percent of requests that are to succeed', default: 99.9 },
  },
});
