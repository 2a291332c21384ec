import type { AppDetails, AppState, AppStatus, Build, Deployment, LogPage, Release } from '@rig/plugin-api/max';
import { urlOf } from '../resources.ts';
import type { LogQuery, PageOf, PageRequest, RunningApp, RunningInstance } from '../runtime.ts';
import type { ConfigVersions } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import { appDetails } from './app-details.ts';
import { toBuild } from './build-rows.ts';
import { type DeploymentRow, toDeployment } from './deployment-rows.ts';
import { formationOf } from './formation.ts';
import { logPage } from './log-pages.ts';
import { pageOf } from './numbered-page.ts';
import { toRelease } from './release-rows.ts';
import type { RuntimeParts } from './runtime-parts.ts';

/** Tells how apps fare and what was done to them; changes nothing. */
export class RuntimeReads {
  readonly #parts: RuntimeParts;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
  }

  /** What a list of apps shows. */
  summary(app: AppRecord): { state: AppState; release: number | null } {
    const runner = this.#parts.runners.get(app.id);
    return runner === undefined ? { state: 'empty', release: null } : { state: runner.state, release: runner.version };
  }

  /** What runs of an app. */
  running(appId: string): RunningApp {
    const runner = this.#parts.runners.get(appId);
    if (runner === undefined) return { state: 'empty', release: null, instances: [] };
    const instances: RunningInstance[] = [];
    for (const [{ id, view }, serves] of runner.members()) {
      const { name, state, restarts, pid } = view;
      instances.push({ id, name, state, restarts, pid, serves });
    }
    return { state: runner.state, release: runner.version, instances };
  }

  /** How an app's instances and its last deployment fare. */
  status(app: AppRecord): Omit<AppStatus, 'app' | 'events' | 'metrics'> {
    const { deployments, runners, releases } = this.#parts;
    const { formation } = releases.settings(app.id);
    const release = releases.current(app.id);
    const last = deployments.latest(app.id);
    const shown = last && this.show(app, last);
    return {
      instances: runners.get(app.id)?.instances ?? [],
      formation: release === undefined ? {} : formationOf(release.processes, formation),
      deployment:
        shown === undefined
          ? null
          : { id: shown.id, state: shown.state, at: shown.updatedAt, reason: shown.failure?.reason ?? null },
    };
  }

  /** The whole configuration of an app. */
  details(app: AppRecord): Promise<Omit<AppDetails, 'app'>> {
    return appDetails(app, this.#parts);
  }

  /** The versions of vars and secrets that the app serves with. */
  servingConfig(app: AppRecord): ConfigVersions | undefined {
    const release = this.#parts.releases.current(app.id);
    return release && { vars: release.varVersion, secrets: release.secretVersion };
  }

  /** A deployment of the app. */
  deployment(app: AppRecord, id: string): Deployment | undefined {
    const row = this.#parts.deployments.byId(id);
    return row?.appId === app.id ? this.show(app, row) : undefined;
  }

  /** A page of an app's deployments. */
  listDeployments(app: AppRecord, page: PageRequest): PageOf<Deployment> {
    return pageOf(
      page,
      (before, limit) => this.#parts.deployments.page(app.id, before, limit),
      (row) => this.show(app, row),
    );
  }

  /** A page of an app's builds. */
  listBuilds(app: AppRecord, page: PageRequest): PageOf<Build> {
    return pageOf(page, (before, limit) => this.#parts.builds.page(app.id, before, limit), toBuild);
  }

  /** A page of an app's releases. */
  listReleases(app: AppRecord, page: PageRequest): PageOf<Release> {
    const { releases } = this.#parts;
    const { currentVersion } = releases.settings(app.id);
    return pageOf(
      page,
      (before, limit) => releases.page(app.id, before, limit),
      (row) => toRelease(row, currentVersion),
    );
  }

  /** A build of the app. */
  build(app: AppRecord, id: string): Build | undefined {
    const row = this.#parts.builds.byId(id);
    return row?.appId === app.id ? toBuild(row) : undefined;
  }

  /** A page of the app's log. */
  async appLogs(app: AppRecord, query: LogQuery): Promise<LogPage> {
    return logPage(this.#parts.logs.app(app.id), query);
  }

  /** A page of the log of one of its builds. */
  async buildLogs(app: AppRecord, buildId: string, query: LogQuery): Promise<LogPage | undefined> {
    return this.build(app, buildId) === undefined ? undefined : logPage(this.#parts.logs.build(buildId), query);
  }

  /** A deployment as the contract has it. */
  show(app: AppRecord, row: DeploymentRow): Deployment {
    return toDeployment(row, app, urlOf(app, this.#parts.port()));
  }
}
