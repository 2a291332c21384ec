import type { Release } from '@rig/plugin-api/max';
import type { BuildPlan } from '../build/plan.ts';
import type { ConfigVersions } from '../store/app-config.ts';
import type { Database } from '../store/database.ts';
import { newId } from '../store/ids.ts';
import type { Formation } from './formation.ts';

/** A release as it is stored. */
export interface ReleaseRow {
  number: number;
  id: string;
  appId: string;
  version: number;
  deploymentId: string;
  /** The build in whose folder its code is; another one once it was built anew. */
  buildId: string;
  /** The upload that it was built from: its source, for as long as that is kept. */
  uploadId: string;
  builder: string;
  processes: BuildPlan['processes'];
  files: number;
  bytes: number;
  digest: string;
  /** Versions of the app's vars and secrets that it runs with. */
  varVersion: number;
  secretVersion: number;
  createdAt: string;
}

/** How an app is run. */
export interface RunSettings {
  /** The release that serves. */
  currentVersion: number | null;
  /** How many instances run, of the process types for which that was said. */
  formation: Formation;
  /** Whether a person has stopped it. */
  stopped: boolean;
}

const SELECT = `SELECT number, id, app_id AS appId, version, deployment_id AS deploymentId, build_id AS buildId, upload_id AS uploadId, builder, processes,
  files, bytes, digest, var_version AS varVersion, secret_version AS secretVersion, created_at AS createdAt FROM releases`;

type Stored = Omit<ReleaseRow, 'processes'> & { processes: string };

/** The releases of this Max, and which of them serve. */
export class ReleaseRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes the next release of an app. */
  create(release: Omit<ReleaseRow, 'number' | 'id' | 'version' | 'createdAt'>): ReleaseRow {
    const { appId, deploymentId, buildId, uploadId, builder, processes, files, bytes, digest } = release;
    const { varVersion, secretVersion } = release;
    return this.#db.transaction(() => {
      const last = this.#db.get<{ version: number | null }>(
        'SELECT max(version) AS version FROM releases WHERE app_id = ?',
        [appId],
      );
      const version = (last?.version ?? 0) + 1;
      this.#db.run(
        `INSERT INTO releases (id, app_id, version, deployment_id, build_id, upload_id, builder, processes, files, bytes, digest,
          var_version, secret_version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          newId('rel'),
          appId,
          version,
          deploymentId,
          buildId,
          uploadId,
          builder,
          JSON.stringify(processes),
          files,
          bytes,
          digest,
          varVersion,
          secretVersion,
          new Date().toISOString(),
        ],
      );
      return this.byVersion(appId, version)!;
    });
  }

  /** Notes that the code of the releases of a build is in the folder of another one: it was built anew. */
  rebuilt(appId: string, before: string, now: string): void {
    this.#db.run('UPDATE releases SET build_id = ? WHERE app_id = ? AND build_id = ?', [now, appId, before]);
  }

  /** Notes in which versions the configuration of a release is found. */
  setConfig(appId: string, version: number, { vars, secrets }: ConfigVersions): void {
    this.#db.run('UPDATE releases SET var_version = ?, secret_version = ? WHERE app_id = ? AND version = ?', [
      vars,
      secrets,
      appId,
      version,
    ]);
  }

  /** The newest release below a version that did serve. */
  servedBefore(appId: string, version: number): ReleaseRow | undefined {
    const row = this.#db.get<Stored>(
      `${SELECT} WHERE app_id = ? AND version < ?
        AND deployment_id IN (SELECT id FROM deployments WHERE app_id = ? AND state = 'healthy') ORDER BY version DESC LIMIT 1`,
      [appId, version, appId],
    );
    return row && parse(row);
  }

  /** The release of that version. */
  byVersion(appId: string, version: number): ReleaseRow | undefined {
    const row = this.#db.get<Stored>(`${SELECT} WHERE app_id = ? AND version = ?`, [appId, version]);
    return row && parse(row);
  }

  /** The release that serves, or would if the app were not stopped. */
  current(appId: string): ReleaseRow | undefined {
    const { currentVersion } = this.settings(appId);
    return currentVersion === null ? undefined : this.byVersion(appId, currentVersion);
  }

  /** Up to `limit` of an app, newest first, older than `before`. */
  page(appId: string, before: number, limit: number): ReleaseRow[] {
    return this.#db
      .all<Stored>(`${SELECT} WHERE app_id = ? AND number < ? ORDER BY number DESC LIMIT ?`, [appId, before, limit])
      .map(parse);
  }

  /** How an app is run. */
  settings(appId: string): RunSettings {
    const row = this.#db.get<{ currentVersion: number | null; formation: string; stopped: number }>(
      'SELECT current_version AS currentVersion, formation, stopped FROM app_runtime WHERE app_id = ?',
      [appId],
    );
    if (row === undefined) return { currentVersion: null, formation: {}, stopped: false };
    return { ...row, formation: JSON.parse(row.formation) as Formation, stopped: row.stopped === 1 };
  }

  /** Changes how an app is run: from its next release, or its next start, on. */
  configure(appId: string, settings: Partial<Omit<RunSettings, 'currentVersion'>>): void {
    const next = { ...this.settings(appId), ...settings };
    this.#db.run(
      `INSERT INTO app_runtime (app_id, formation, stopped) VALUES (?, ?, ?) ON CONFLICT (app_id)
        DO UPDATE SET formation = excluded.formation, stopped = excluded.stopped`,
      [appId, JSON.stringify(next.formation), next.stopped ? 1 : 0],
    );
  }

  /** Makes a release the one that serves. */
  makeCurrent(appId: string, version: number): void {
    this.#db.run(
      'INSERT INTO app_runtime (app_id, current_version) VALUES (?, ?) ON CONFLICT (app_id) DO UPDATE SET current_version = excluded.current_version',
      [appId, version],
    );
  }

  /** Ids of the apps that have a release that serves, or that would if they were not stopped. */
  deployedApps(): string[] {
    return this.#db
      .all<{ appId: string }>('SELECT app_id AS appId FROM app_runtime WHERE current_version IS NOT NULL')
      .map(({ appId }) => appId);
  }
}

/** The release as the contract has it. */
export function toRelease(row: ReleaseRow, current: number | null): Release {
  const { id, version, deploymentId, buildId, createdAt, digest, files, bytes } = row;
  return {
    id,
    version,
    deploymentId,
    buildId,
    code: { digest, files, bytes },
    vars: row.varVersion,
    secrets: row.secretVersion,
    createdAt,
    current: version === current,
  };
}

function parse(row: Stored): ReleaseRow {
  return { ...row, processes: JSON.parse(row.processes) as BuildPlan['processes'] };
}
