import type { ConfigChange, Deployment } from '@rig/plugin-api/max';
import { type EventLog, placeOf } from '../events.ts';
import type { AppConfig, ConfigKind } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { ReleaseRows } from './release-rows.ts';

/** What is to be changed of an app's vars or secrets, checked. */
export interface ConfigRequest {
  kind: ConfigKind;
  set: ReadonlyMap<string, string>;
  names: readonly string[];
  /** Let it wait for the next deploy. */
  stage: boolean;
}

/** What a change works with. */
export interface ConfigChangesOptions {
  database: Database;
  config: AppConfig;
  releases: ReleaseRows;
  events: EventLog;
  /** Begins the deployment that makes the release. @throws ProblemError where another goes on: nothing is changed then */
  deploy(app: AppRecord): Deployment;
}

/** Changes vars or secrets and makes the release with them, as one transaction. */
export function changeConfig(options: ConfigChangesOptions, app: AppRecord, request: ConfigRequest): ConfigChange {
  const { database, config, releases, events, deploy } = options;
  return database.transaction(() => {
    const changed = config.change(app.id, request.kind, request.set, request.names);
    const count = changed.set.length + changed.deleted.length;
    if (count > 0) {
      const text = `${count} ${request.kind}${count === 1 ? '' : 's'} of ${app.name}.${app.network} changed`;
      events.append({ type: `${request.kind}s.changed`, ...placeOf(app), text });
    }
    const due = !request.stage && isAhead(app.id, config, releases);
    return { ...changed, deployment: due ? deploy(app) : null };
  });
}

/** Tells whether something is deployed, and with another configuration than the newest. */
function isAhead(appId: string, config: AppConfig, releases: ReleaseRows): boolean {
  const release = releases.current(appId);
  if (release === undefined) return false;
  const { vars, secrets } = config.versions(appId);
  return release.varVersion !== vars || release.secretVersion !== secrets;
}
