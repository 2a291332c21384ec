import { type EventLog, placeOf } from '../events.ts';
import type { LogStore } from '../logs/log-store.ts';
import { say } from '../logs/say.ts';
import type { AppRecord, Apps } from '../store/apps.ts';
import type { AppRunner } from './app-runner.ts';
import { Cancelled } from './cancelled.ts';
import type { DeploymentBoard } from './deployment-board.ts';
import type { DeploymentRow } from './deployment-rows.ts';
import { type Formation, formationOf, instanceNames } from './formation.ts';
import type { ReleaseRows } from './release-rows.ts';
import { type Tuning, tuningOf } from './tuning.ts';

/** What a change of the instances that serve works with. */
export interface ServingOptions {
  apps: Apps;
  releases: ReleaseRows;
  events: EventLog;
  board: DeploymentBoard;
  logs: LogStore;
  tuning: Tuning;
  runnerOf(appId: string): AppRunner;
  report(text: string): void;
}

/**
 * Takes a deployment that makes no release from queued to its end: a scale, or a start of what was stopped. What runs and is to
 * run goes on untouched: instances that are lacking are started in the dark and join it, those beyond the formation end.
 *
 * @throws what ends the deployment, after which everything is as it was
 */
export async function changeServing(
  options: ServingOptions,
  app: AppRecord,
  deployment: DeploymentRow,
  signal: AbortSignal,
): Promise<void> {
  const { board, releases, tuning, runnerOf, apps, events, logs, report } = options;
  signal.throwIfAborted();
  const { formation, stopped } = releases.settings(app.id);
  const release = releases.current(app.id);
  if (release === undefined) throw new Error(`there is no release of ${app.id}`);
  const { version } = release;
  if (board.change(app, deployment.id, { state: 'releasing', version }) === undefined) throw new Cancelled();
  const changed = deployment.formation === null ? {} : (JSON.parse(deployment.formation) as Formation);
  const next = { ...formation, ...changed };
  const runs = !stopped || deployment.kind === 'start';
  const runner = runnerOf(app.id);
  const names = runs ? instanceNames(formationOf(release.processes, next)) : [];
  const serving = new Set(runner.serving);
  const dark = runner.startDark(
    version,
    names.filter((name) => !serving.has(name)),
  );
  try {
    await Promise.race([Promise.all(dark.map((instance) => instance.ready)), rejection(signal)]);
    const stored = board.change(app, deployment.id, { state: 'healthy', stopped: !runs }, () => {
      releases.configure(app.id, { formation: next, stopped: !runs });
      if (stopped && runs) tellStarted(events, app);
      apps.touch(app.id);
      return {};
    });
    if (stored === undefined) throw new Cancelled();
  } catch (error) {
    await runner.dropDark();
    throw error;
  }
  if (!runs) return;
  // In the same turn as the decision.
  const { settings } = apps.byId(app.id) ?? app;
  const drained = runner.join(names, tuningOf(tuning, settings).drainMs);
  say(
    logs.app(app.id),
    stopped ? `the app was started: v${version} serves` : `it runs as ${names.join(', ')} now`,
    report,
  );
  void drained.catch((error: Error) => report(`instances of ${app.id} could not be ended: ${error.message}`));
}

/** Tells the followers of an app that it is stopped no longer. */
export function tellStarted(events: EventLog, app: AppRecord): void {
  events.append({ type: 'app.started', ...placeOf(app), text: `app ${app.name}.${app.network} was started` });
}

/** Rejects with the reason of an abort. */
export function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
