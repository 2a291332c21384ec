import type { Services } from '@rig/plugin-api';
import { dashboardPanels, type PanelsPayload } from '../hooks.ts';
import { checkPanel, type DashboardPanel } from './panel.ts';

const REFRESH_SECONDS = 5;
/** More than these are no dashboard, but a mistake. */
const MOST_PANELS = 50;

/** Asks the plugins once for their panels, in the order of their ids' first use; what fails is left out and warned of. */
export async function askPanels(
  fire: Services['fire'],
  payload: Omit<PanelsPayload, 'add'>,
): Promise<DashboardPanel[]> {
  const panels = new Map<string, DashboardPanel>();
  let isOpen = true;
  const add = (panel: DashboardPanel): void => {
    const checked = checkPanel(panel);
    if (panels.size >= MOST_PANELS && !panels.has(checked.id))
      throw new TypeError(`the panel "${checked.id}" is one too many: there are ${MOST_PANELS} already`);
    // One that was given up and comes late must not change what is shown.
    if (isOpen) panels.set(checked.id, checked);
  };
  await fire(dashboardPanels, { ...payload, add });
  isOpen = false;
  return [...panels.values()];
}

/** Milliseconds until panels are to be made anew: the least that one of them wants; plugins without one are asked too. */
export function refreshMs(panels: readonly DashboardPanel[]): number {
  if (panels.length === 0) return 1000 * REFRESH_SECONDS;
  return 1000 * Math.min(...panels.map(({ refreshSeconds = REFRESH_SECONDS }) => refreshSeconds));
}
