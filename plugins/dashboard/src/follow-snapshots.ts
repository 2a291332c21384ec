import type { Services } from '@rig/plugin-api';
import { type DashboardSelection, LiveDashboard } from './model/live-dashboard.ts';
import type { DashboardSnapshot } from './model/snapshot.ts';

/** A snapshot for each second's figures, and where the connection changes, until Ctrl-C. */
export async function* followSnapshots(
  services: Services,
  selection: DashboardSelection,
): AsyncGenerator<DashboardSnapshot> {
  const dashboard = await LiveDashboard.start(services, selection);
  let wake = (): void => {};
  const stop = dashboard.onChange(() => wake());
  const aborted = (): void => wake();
  services.signal.addEventListener('abort', aborted, { once: true });
  let over = false;
  let failure: unknown;
  dashboard.ended.then(
    () => {
      over = true;
      wake();
    },
    (error: unknown) => {
      over = true;
      failure = error;
      wake();
    },
  );
  let told = '';
  try {
    while (!over && !services.signal.aborted) {
      const snapshot = dashboard.snapshot();
      const state = `${snapshot.at} ${snapshot.connection.state}`;
      // Before it is known how the figures come there is nothing to go by.
      if (state !== told && snapshot.connection.state !== 'connecting') {
        told = state;
        yield snapshot;
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    if (failure !== undefined) throw failure;
  } finally {
    services.signal.removeEventListener('abort', aborted);
    stop();
    dashboard.stop();
  }
}
