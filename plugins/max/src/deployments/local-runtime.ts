import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppDetails, AppState, AppStatus, Build, Deployment, LogPage, Release } from '@rig/plugin-api/max';
import { runtimeChannels } from '../channels/runtime-channels.ts';
import { ProcessEngine } from '../engine/process-engine.ts';
import { ProblemError } from '../http/problem-error.ts';
import { LogStore } from '../logs/log-store.ts';
import { removeTree } from '../remove-tree.ts';
import { urlOf } from '../resources.ts';
import { Router } from '../router/router.ts';
import type { LogQuery, PageOf, PageRequest, Runtime, RuntimeOptions } from '../runtime.ts';
import type { AppRecord } from '../store/apps.ts';
import type { UploadRecord } from '../store/uploads.ts';
import { contextMaker } from './app-contexts.ts';
import { appDetails } from './app-details.ts';
import { AppRoutes } from './app-routes.ts';
import { AppRunner } from './app-runner.ts';
import { BuildRows, toBuild } from './build-rows.ts';
import { collect } from './collect.ts';
import { Cancelled, Deployer } from './deployer.ts';
import { DeploymentBoard } from './deployment-board.ts';
import { type DeploymentRow, DeploymentRows, toDeployment } from './deployment-rows.ts';
import { appFolder, buildFolder } from './folders.ts';
import { InstanceRows } from './instance-rows.ts';
import { interrupted } from './interrupted.ts';
import { logPage } from './log-pages.ts';
import { pageOf } from './numbered-page.ts';
import { endInstance, type RecoverOptions } from './recover.ts';
import { ReleaseRows, toRelease } from './release-rows.ts';
import { takeOver } from './take-over.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';

const RETAIN_MS = 3_600_000;

/** Runs the apps of this Max on this machine. */
export class LocalRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #tuning: Tuning;
  readonly #deployments: DeploymentRows;
  readonly #builds: BuildRows;
  readonly #releases: ReleaseRows;
  readonly #instances: InstanceRows;
  readonly #logs: LogStore;
  readonly #board: DeploymentBoard;
  readonly #deployer: Deployer;
  readonly #engine = new ProcessEngine();
  readonly #router: Router;
  readonly #routes: AppRoutes;
  readonly #runners = new Map<string, AppRunner>();
  readonly #contextOf: ReturnType<typeof contextMaker>;
  #stopping = false;
  #retain: NodeJS.Timeout | undefined;

  constructor(options: RuntimeOptions, tuning: Partial<Tuning> = {}) {
    const { database, paths, apps, uploads, content, events } = options;
    this.#options = options;
    this.#tuning = { ...DEFAULT_TUNING, ...tuning };
    this.#deployments = new DeploymentRows(database);
    this.#builds = new BuildRows(database);
    this.#releases = new ReleaseRows(database);
    this.#instances = new InstanceRows(database);
    this.#logs = new LogStore(paths.logs);
    this.#board = new DeploymentBoard(database, this.#deployments, events);
    const report = (text: string): void => options.log(text);
    const parts = {
      paths,
      builds: this.#builds,
      releases: this.#releases,
      instances: this.#instances,
      logs: this.#logs,
    };
    this.#contextOf = contextMaker({ ...parts, apps, events, engine: this.#engine, tuning: this.#tuning, report });
    this.#deployer = new Deployer({
      ...parts,
      apps,
      uploads,
      content,
      board: this.#board,
      tuning: this.#tuning,
      runnerOf: (appId) => this.#runner(appId),
      collect: (appId) => this.#collect(appId),
      report,
    });
    this.#routes = new AppRoutes(apps, this.#runners);
    this.#router = new Router((host) => this.#routes.of(host));
  }

  async start(): Promise<void> {
    for (const { appId, version } of this.#releases.deployedApps()) {
      if (this.#options.apps.byId(appId) !== undefined) this.#runners.set(appId, this.#newRunner(appId, version));
    }
    await takeOver({
      ...this.#recovery,
      apps: this.#options.apps,
      deployments: this.#deployments,
      builds: this.#builds,
      releases: this.#releases,
      board: this.#board,
      runners: this.#runners,
      collect: (appId) => this.#collect(appId),
    });
    this.#retain = setInterval(() => this.#logs.retain(), RETAIN_MS);
    this.#retain.unref();
    for (const row of this.#deployments.underWay()) this.#begin(row.id);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#retain);
    await this.#deployer.abortAll(interrupted('Max was stopped'));
    await Promise.all([...this.#runners.values()].map((runner) => runner.release()));
    this.#logs.close();
  }

  async stopApps(): Promise<number> {
    this.#stopping = true;
    await this.#deployer.abortAll(interrupted('Max was stopped'));
    const ended = await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    const strays = this.#instances.all();
    await Promise.all(strays.map((row) => endInstance(row, this.#recovery)));
    return ended.reduce((sum, count) => sum + count, strays.filter((row) => row.pid !== null).length);
  }

  summary(app: AppRecord): { state: AppState; release: number | null } {
    const runner = this.#runners.get(app.id);
    return runner === undefined ? { state: 'empty', release: null } : { state: runner.state, release: runner.version };
  }

  async status(app: AppRecord): Promise<Pick<AppStatus, 'instances' | 'deployment'>> {
    const last = this.#deployments.latest(app.id);
    const shown = last && this.#show(app, last);
    return {
      instances: this.#runners.get(app.id)?.instances ?? [],
      deployment:
        shown === undefined
          ? null
          : { id: shown.id, state: shown.state, at: shown.updatedAt, reason: shown.failure?.reason ?? null },
    };
  }

  async details(app: AppRecord): Promise<Omit<AppDetails, 'app'>> {
    return appDetails(app.id, this.#releases, this.#logs);
  }

  async removeApp(app: AppRecord): Promise<void> {
    const underWay = this.#deployments.underWayOf(app.id);
    if (underWay !== undefined) await this.cancelDeployment(app, underWay.id);
    const runner = this.#runners.get(app.id);
    this.#runners.delete(app.id);
    this.#routes.forget(app);
    await runner?.stop();
    await Promise.all(this.#instances.ofApp(app.id).map((row) => endInstance(row, this.#recovery)));
    const { paths } = this.#options;
    for (const { id } of this.#builds.page(app.id, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
      await removeTree(buildFolder(paths, id));
      this.#logs.removeBuild(id);
    }
    this.#logs.removeApp(app.id);
    await removeTree(appFolder(paths, app.id));
  }

  createDeployment(app: AppRecord, upload: UploadRecord): Deployment {
    const row = this.#deployments.create(app.id, upload.id);
    if (row === undefined) throw inProgress(app, this.#deployments.underWayOf(app.id)?.id);
    this.#board.tell(app, row);
    this.#options.database.afterCommit(() => setImmediate(() => this.#begin(row.id)));
    return this.#show(app, row);
  }

  deployment(app: AppRecord, id: string): Deployment | undefined {
    const row = this.#deployments.byId(id);
    return row?.appId === app.id ? this.#show(app, row) : undefined;
  }

  async cancelDeployment(app: AppRecord, id: string): Promise<Deployment | undefined> {
    if (this.deployment(app, id) === undefined) return undefined;
    this.#board.change(app, id, { state: 'cancelled' });
    await this.#deployer.abort(id, new Cancelled());
    return this.deployment(app, id);
  }

  listDeployments(app: AppRecord, page: PageRequest): PageOf<Deployment> {
    return pageOf(
      page,
      (before, limit) => this.#deployments.page(app.id, before, limit),
      (row) => this.#show(app, row),
    );
  }

  listBuilds(app: AppRecord, page: PageRequest): PageOf<Build> {
    return pageOf(page, (before, limit) => this.#builds.page(app.id, before, limit), toBuild);
  }

  listReleases(app: AppRecord, page: PageRequest): PageOf<Release> {
    const { currentVersion } = this.#releases.settings(app.id);
    return pageOf(
      page,
      (before, limit) => this.#releases.page(app.id, before, limit),
      (row) => toRelease(row, currentVersion),
    );
  }

  build(app: AppRecord, id: string): Build | undefined {
    const row = this.#builds.byId(id);
    return row?.appId === app.id ? toBuild(row) : undefined;
  }

  async appLogs(app: AppRecord, query: LogQuery): Promise<LogPage> {
    return logPage(this.#logs.app(app.id), query);
  }

  async buildLogs(app: AppRecord, buildId: string, query: LogQuery): Promise<LogPage | undefined> {
    return this.build(app, buildId) === undefined ? undefined : logPage(this.#logs.build(buildId), query);
  }

  channels(): ReturnType<Runtime['channels']> {
    return runtimeChannels({
      database: this.#options.database,
      events: this.#options.events,
      apps: this.#options.apps,
      deployments: this.#deployments,
      builds: this.#builds,
      logs: this.#logs,
      board: this.#board,
      show: (app, row) => this.#show(app, row),
    });
  }

  handleRequest(req: IncomingMessage, res: ServerResponse): void {
    void this.#router.handleRequest(req, res);
  }

  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.#router.handleUpgrade(req, socket, head);
  }

  /** How an app is run: its healthcheck path and how many instances; for its next release and its next start. */
  configure(app: AppRecord, settings: { healthcheck?: string | null; instances?: number }): void {
    this.#releases.configure(app.id, settings);
  }

  get #recovery(): RecoverOptions {
    const { paths, log } = this.#options;
    return {
      paths,
      engine: this.#engine,
      rows: this.#instances,
      logs: this.#logs,
      graceMs: this.#tuning.graceMs,
      report: log,
    };
  }

  #collect(appId: string): Promise<void> {
    const { paths } = this.#options;
    const kept = this.#tuning.keptReleases;
    return collect(appId, {
      paths,
      builds: this.#builds,
      releases: this.#releases,
      instances: this.#instances,
      logs: this.#logs,
      kept,
    });
  }

  #show(app: AppRecord, row: DeploymentRow): Deployment {
    return toDeployment(row, app, urlOf(app, this.#options.port()));
  }

  #runner(appId: string): AppRunner {
    const runner = this.#runners.get(appId) ?? this.#newRunner(appId, null);
    this.#runners.set(appId, runner);
    return runner;
  }

  #newRunner(appId: string, version: number | null): AppRunner {
    return new AppRunner(version, (of, changed) => this.#contextOf(appId, of, changed));
  }

  #begin(id: string): void {
    const row = this.#deployments.byId(id);
    const app = row && this.#options.apps.byId(row.appId);
    if (row?.state === 'queued' && app !== undefined && !this.#stopping) this.#deployer.begin(app, row);
  }
}

function inProgress(app: AppRecord, id: string | undefined): ProblemError {
  return new ProblemError(
    409,
    'RIG_DEPLOY_IN_PROGRESS',
    `the app ${app.name} is being deployed already${id === undefined ? '' : ` (${id})`}`,
    {
      fix: `wait until that deployment has ended, and deploy again: rig status app ${app.name}.${app.network}`,
    },
  );
}
