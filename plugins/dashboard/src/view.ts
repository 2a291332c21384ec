import { type Block, value } from '@rig/plugin-api';
import { formatCpu, formatMemory, formatMs, formatRate, formatRelease, formatShare } from './format.ts';
import { firstSteps } from './model/first-steps.ts';
import type { DashboardApp, DashboardSnapshot } from './model/snapshot.ts';

const HEADINGS = ['APP', 'STATE', 'RELEASE', 'INSTANCES', 'REQ/S', 'ERRORS', 'P95', 'CPU', 'MEMORY'];

function row(app: DashboardApp): string[] {
  return [
    `${app.app}.${app.network}`,
    app.state,
    formatRelease(app.release),
    `${app.healthy}/${app.wanted}`,
    formatRate(app.requestsPerSecond),
    formatShare(app.errorsPerSecond, app.requestsPerSecond),
    app.latencyMs === null ? '-' : formatMs(app.latencyMs.p95),
    formatCpu(app.cpu),
    formatMemory(app.memoryBytes),
  ];
}

/** All apps as one table. */
export const dashboardView = value<DashboardSnapshot>(({ apps, network, filter }): Block[] => {
  if (apps.length > 0)
    return [
      {
        columns: HEADINGS,
        rows: apps.map(row),
        align: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
      },
    ];
  if (filter !== null) return [`No app matches the filter ${JSON.stringify(filter)}`];
  const where = network === null ? '' : ` in the network ${network}`;
  return [`No apps yet${where}. To begin:`, ...firstSteps(network).map((step) => `  ${step}`)];
});
