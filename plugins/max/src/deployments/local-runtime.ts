import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type {
  AppDetails,
  AppState,
  AppStatus,
  Build,
  ConfigChange,
  Deployment,
  LogPage,
  Release,
  RollbackPlan,
  Started,
  Stopped,
} from '@rig/plugin-api/max';
import { runtimeChannels } from '../channels/runtime-channels.ts';
import type { Leader, Usage } from '../engine/usage.ts';
import { say } from '../logs/say.ts';
import { removeTree } from '../remove-tree.ts';
import { Router } from '../router/router.ts';
import type { LogQuery, PageOf, PageRequest, RunningApp, Runtime, RuntimeOptions } from '../runtime.ts';
import type { SessionPlace } from '../sessions/place.ts';
import type { ConfigVersions } from '../store/app-config.ts';
import type { AppRecord } from '../store/apps.ts';
import type { UploadRecord } from '../store/uploads.ts';
import { AppRoutes } from './app-routes.ts';
import type { ConfigRequest } from './config-changes.ts';
import { appFolder, codeFolder } from './folders.ts';
import type { Formation } from './formation.ts';
import { inProgress } from './in-progress.ts';
import { endInstance } from './recover.ts';
import { removeBuild } from './remove-build.ts';
import { RuntimeChanges } from './runtime-changes.ts';
import { makeParts, type RuntimeParts } from './runtime-parts.ts';
import { RuntimeReads } from './runtime-reads.ts';
import { sessionPlace } from './session-place.ts';
import { takeOver } from './take-over.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';

/** Runs the apps of this Max on this machine. */
export class LocalRuntime implements Runtime {
  readonly #parts: RuntimeParts;
  readonly #reads: RuntimeReads;
  readonly #changes: RuntimeChanges;
  readonly #router: Router;
  readonly #routes: AppRoutes;

  constructor(options: RuntimeOptions, tuning: Partial<Tuning> = {}) {
    this.#parts = makeParts(options, { ...DEFAULT_TUNING, ...tuning });
    this.#reads = new RuntimeReads(this.#parts);
    this.#changes = new RuntimeChanges(this.#parts, this.#reads);
    this.#routes = new AppRoutes(options.apps, this.#parts.runners);
    const { log, logs, requests } = this.#parts;
    this.#router = new Router({
      routeOf: (host) => this.#routes.of(host),
      write: (host, text) => {
        const id = this.#routes.idOf(host);
        if (id !== undefined) say(logs.app(id), text, log, 'router');
      },
      answered: (host, status, ms) => {
        const id = this.#routes.idOf(host);
        if (id !== undefined) requests.answered(id, status, ms);
      },
    });
  }

  async start(): Promise<void> {
    const { apps, releases, runners, recovery, retention, caches } = this.#parts;
    for (const appId of releases.deployedApps()) {
      const { currentVersion, stopped } = releases.settings(appId);
      if (apps.byId(appId) !== undefined) runners.of(appId).become(currentVersion!, stopped);
    }
    await caches.clean();
    await takeOver({ ...this.#parts, ...recovery });
    retention.start();
    this.#changes.beginQueued();
  }

  leave(): void {
    this.#router.leave();
  }

  async stop(): Promise<void> {
    this.#router.close();
    await this.#parts.retention.stop();
    await this.#changes.end();
    await Promise.all(this.#parts.runners.entries().map(([, runner]) => runner.release()));
    await this.#parts.unstored.stop();
    await this.#parts.collector.stop();
    this.#parts.logs.close();
  }

  async stopApps(): Promise<number> {
    const { runners, instances, recovery } = this.#parts;
    await this.#changes.end();
    const ended = await Promise.all(runners.entries().map(([, runner]) => runner.end()));
    const strays = instances.all();
    await Promise.all(strays.map((row) => endInstance(row, recovery)));
    return ended.reduce((sum, count) => sum + count, strays.filter((row) => row.pid !== null).length);
  }

  summary(app: AppRecord): { state: AppState; release: number | null } {
    return this.#reads.summary(app);
  }

  running(appId: string): RunningApp {
    return this.#reads.running(appId);
  }

  usage(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>> {
    return this.#parts.engine.usage(leaders);
  }

  async status(app: AppRecord): Promise<Omit<AppStatus, 'app' | 'events' | 'metrics'>> {
    return this.#reads.status(app);
  }

  async details(app: AppRecord): Promise<Omit<AppDetails, 'app'>> {
    return this.#reads.details(app);
  }

  async removeApp(app: AppRecord): Promise<void> {
    const { paths, deployments, deployer, runners, instances, recovery, builds, logs, caches } = this.#parts;
    const underWay = deployments.underWayOf(app.id);
    if (underWay !== undefined) await this.cancelDeployment(app, underWay.id);
    // One that was cancelled before may still be ending its build.
    await deployer.idle(app.id);
    const runner = runners.remove(app.id);
    this.#routes.forget(app);
    await runner?.end();
    await Promise.all(instances.ofApp(app.id).map((row) => endInstance(row, recovery)));
    for (const { id } of builds.page(app.id, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
      await removeBuild(paths, id);
      logs.removeBuild(id);
    }
    logs.removeApp(app.id);
    await caches.removeApp(app.id);
    await removeTree(appFolder(paths, app.id));
    // Those whose last output could not be stored are still there.
    for (const row of instances.ofApp(app.id)) instances.remove(row.id);
  }

  sessionPlace(app: AppRecord, instance: string | undefined): SessionPlace {
    return sessionPlace(this.#parts, app, instance);
  }

  codeOf(app: AppRecord): string | undefined {
    const release = this.#parts.releases.current(app.id);
    return release && codeFolder(this.#parts.paths, release.buildId);
  }

  sweep(...ids: readonly string[]): Promise<void> {
    return this.#parts.recovery.engine.sweep(...ids);
  }

  createDeployment(app: AppRecord, upload: UploadRecord, fresh = false): Deployment {
    return this.#changes.createDeployment(app, upload, fresh);
  }

  changeConfig(app: AppRecord, request: ConfigRequest): ConfigChange {
    return this.#changes.changeConfig(app, request);
  }

  planRollback(app: AppRecord, to: number | undefined): RollbackPlan {
    return this.#changes.planRollback(app, to);
  }

  rollback(app: AppRecord, to: number | undefined): Deployment {
    return this.#changes.rollback(app, to);
  }

  restart(app: AppRecord): Deployment {
    return this.#changes.restart(app);
  }

  scale(app: AppRecord, formation: Formation): Deployment {
    return this.#changes.scale(app, formation);
  }

  stopApp(app: AppRecord): Stopped {
    return this.#changes.stopApp(app);
  }

  startApp(app: AppRecord): Started {
    return this.#changes.startApp(app);
  }

  servingConfig(app: AppRecord): ConfigVersions | undefined {
    return this.#reads.servingConfig(app);
  }

  deployment(app: AppRecord, id: string): Deployment | undefined {
    return this.#reads.deployment(app, id);
  }

  cancelDeployment(app: AppRecord, id: string): Promise<Deployment | undefined> {
    return this.#changes.cancel(app, id);
  }

  listDeployments(app: AppRecord, page: PageRequest): PageOf<Deployment> {
    return this.#reads.listDeployments(app, page);
  }

  listBuilds(app: AppRecord, page: PageRequest): PageOf<Build> {
    return this.#reads.listBuilds(app, page);
  }

  listReleases(app: AppRecord, page: PageRequest): PageOf<Release> {
    return this.#reads.listReleases(app, page);
  }

  build(app: AppRecord, id: string): Build | undefined {
    return this.#reads.build(app, id);
  }

  appLogs(app: AppRecord, query: LogQuery): Promise<LogPage> {
    return this.#reads.appLogs(app, query);
  }

  buildLogs(app: AppRecord, buildId: string, query: LogQuery): Promise<LogPage | undefined> {
    return this.#reads.buildLogs(app, buildId, query);
  }

  channels(): ReturnType<Runtime['channels']> {
    return runtimeChannels({ ...this.#parts, show: (app, row) => this.#reads.show(app, row) });
  }

  handleRequest(req: IncomingMessage, res: ServerResponse): void {
    void this.#router.handleRequest(req, res);
  }

  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.#router.handleUpgrade(req, socket, head);
  }

  limitLogs(appId: string): void {
    void this.#parts.retention.changed(appId);
  }

  beforeRename(app: AppRecord): void {
    const { deployments, database } = this.#parts;
    const underWay = deployments.underWayOf(app.id);
    if (underWay !== undefined) throw inProgress(app, underWay.id);
    database.afterCommit(() => this.#routes.forget(app));
  }
}
