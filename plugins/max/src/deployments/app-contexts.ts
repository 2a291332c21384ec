import type { Engine } from '../engine/engine.ts';
import { Ports } from '../engine/ports.ts';
import { type EventLog, placeOf } from '../events.ts';
import type { LogStore } from '../logs/log-store.ts';
import { say } from '../logs/say.ts';
import type { AppConfig } from '../store/app-config.ts';
import type { Apps } from '../store/apps.ts';
import type { StatePaths } from '../store/state-paths.ts';
import { codeFolder, homeFolder, instancesFolder } from './folders.ts';
import type { InstanceContext } from './instance-context.ts';
import { InstanceEventPace } from './instance-event-pace.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { ReleaseRows } from './release-rows.ts';
import { type Tuning, tuningOf } from './tuning.ts';
import type { UnstoredOutput } from './unstored-output.ts';

/** What contexts are made from. */
export interface ContextOptions {
  paths: StatePaths;
  apps: Apps;
  config: AppConfig;
  releases: ReleaseRows;
  instances: InstanceRows;
  logs: LogStore;
  unstored: UnstoredOutput;
  events: EventLog;
  engine: Engine;
  tuning: Tuning;
  report(text: string): void;
}

/** Gives the instances of a release what they work with. */
export function contextMaker(
  options: ContextOptions,
): (appId: string, version: number, changed: () => void) => InstanceContext {
  const { paths, apps, config, releases, instances, logs, unstored, events, engine, tuning, report } = options;
  const ports = new Ports();
  const pace = new InstanceEventPace();
  return (appId, version, changed) => {
    const app = apps.byId(appId);
    const release = releases.byVersion(appId, version);
    if (app === undefined || release === undefined) throw new Error(`v${version} of ${appId} is not there`);
    return {
      // Its name may be another one by the time that an instance starts again.
      get app() {
        return apps.byId(appId) ?? app;
      },
      release,
      values: () => config.values(appId, { vars: release.varVersion, secrets: release.secretVersion }),
      healthcheck: app.settings.healthcheck,
      codeFolder: codeFolder(paths, release.buildId),
      homeFolder: homeFolder(paths, appId),
      instancesFolder: instancesFolder(paths, appId),
      engine,
      rows: instances,
      ports,
      log: logs.app(appId),
      unstored,
      tuning: tuningOf(tuning, app.settings),
      changed,
      tell: (type, text, code) => {
        say(logs.app(appId), type === 'instance.recovered' ? text : `error: ${text}`, report);
        const told = pace.next(appId);
        if (told === 'untold') return;
        try {
          const place = placeOf(apps.byId(appId) ?? app);
          events.append({
            type,
            ...place,
            text: told === 'last' ? `${text}; for now only its log tells more` : text,
            code,
          });
        } catch (error) {
          report(`an event cannot be stored: ${(error as Error).message}`);
        }
      },
      report,
    };
  };
}
