import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type {
  AppDetails,
  AppState,
  AppStatus,
  Build,
  ConfigChange,
  Deployment,
  Instance,
  LogPage,
  Release,
  RollbackPlan,
  Started,
  Stopped,
} from '@rig/plugin-api/max';
import type { SocketAssigns } from './channels/assigns.ts';
import type { ContentStore } from './content/content-store.ts';
import type { ConfigRequest } from './deployments/config-changes.ts';
import type { Formation } from './deployments/formation.ts';
import type { Leader, Usage } from './engine/usage.ts';
import type { EventLog } from './events.ts';
import type { Selection } from './logs/selection.ts';
import type { RequestMeters } from './metrics/request-meters.ts';
import type { SessionPlace } from './sessions/place.ts';
import type { ChannelFactory } from './socket/index.ts';
import type { AppConfig, ConfigVersions } from './store/app-config.ts';
import type { AppRecord, Apps } from './store/apps.ts';
import type { Database } from './store/database.ts';
import type { StatePaths } from './store/state-paths.ts';
import type { UploadRecord, Uploads } from './store/uploads.ts';

/** Where a page of a list begins and how long it is. */
export interface PageRequest {
  limit: number;
  /** What the page before gave as `next`; checked by the receiver: an alien one gives the first page. */
  cursor: string | undefined;
}

/** A page of a list, as the routes answer it. */
export interface PageOf<T> {
  items: T[];
  next: string | null;
}

/** What the runtime is made from. */
export interface RuntimeOptions {
  paths: StatePaths;
  database: Database;
  apps: Apps;
  config: AppConfig;
  uploads: Uploads;
  content: ContentStore;
  events: EventLog;
  /** Counts what the router answers. */
  requests: RequestMeters;
  /** Writes a line to Max's own log (and to stderr in the foreground). Never a secret. */
  log(text: string): void;
  /** The port that Max serves on, known once it listens: for the URLs of apps. */
  port(): number;
}

/** An instance as it is measured. */
export interface RunningInstance {
  id: string;
  name: string;
  state: Instance['state'];
  restarts: number;
  /** Its first process; `null` where it has none. */
  pid: number | null;
  /** Whether it is one that there should be: not of a release that comes or goes. */
  serves: boolean;
}

/** What runs of an app at a moment. */
export interface RunningApp {
  state: AppState;
  release: number | null;
  instances: RunningInstance[];
}

/**
 * What runs the apps: builds, deployments, releases, instances, their logs and the router.
 *
 * A method that names an id of another app, or one that is not there, gives `undefined`; the routes make that a 404.
 */
export interface Runtime {
  /** Adopts what still runs of an earlier Max, restarts what should run and does not, fails what was in flight. */
  start(): Promise<void>;
  /** Max is to end: says goodbye to the connections that were upgraded to apps. */
  leave(): void;
  /** Max ends and the apps go on running: closes files, timers, connections and channels' sources, signals no process. */
  stop(): Promise<void>;
  /** Ends every instance of every app, those of an earlier Max too. May be called without `start`. Gives how many ended. */
  stopApps(): Promise<number>;

  /** Holds an app's logs to its limits, which have changed. */
  limitLogs(appId: string): void;
  /**
   * Makes ready for another name of an app or of its network. Synchronous, within the transaction that gives it.
   *
   * @throws ProblemError `RIG_DEPLOY_IN_PROGRESS` (409): a deployment goes on under the name that it began with
   */
  beforeRename(app: AppRecord): void;

  /** What a list of apps shows; synchronous and cheap, as it is asked for every app of a page. */
  summary(app: AppRecord): { state: AppState; release: number | null };
  /** What runs of an app; cheap, as it is asked for every app each second. */
  running(appId: string): RunningApp;
  /** What instances use, by their ids, since the call before. */
  usage(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>>;
  status(app: AppRecord): Promise<Omit<AppStatus, 'app' | 'events' | 'metrics'>>;
  details(app: AppRecord): Promise<Omit<AppDetails, 'app'>>;
  /**
   * Where a session of an app runs: in the release of the instance that is named, or of the first that runs.
   *
   * @throws ProblemError `RIG_INSTANCE_NOT_FOUND` (404), `RIG_NO_INSTANCE` (409)
   */
  sessionPlace(app: AppRecord, instance: string | undefined): SessionPlace;
  /** The folder of the release that an app serves; `undefined` before its first. */
  codeOf(app: AppRecord): string | undefined;
  /** Ends every process that bears the mark of one of these ids. */
  sweep(...ids: readonly string[]): Promise<void>;
  /** Stops the app and removes its builds, releases, logs and data; called before its row goes. */
  removeApp(app: AppRecord): Promise<void>;

  /**
   * Makes a deployment and begins it. Synchronous up to the row, so that it can be part of the request's transaction.
   *
   * @param fresh takes nothing from the app's build cache
   * @throws ProblemError `RIG_DEPLOY_IN_PROGRESS` (409) while another of this app goes on
   */
  createDeployment(app: AppRecord, upload: UploadRecord, fresh?: boolean): Deployment;
  /**
   * Changes vars or secrets and begins the release with them. Synchronous, for the request's transaction.
   *
   * @throws ProblemError `RIG_DEPLOY_IN_PROGRESS` (409) while a deployment goes on, unless it is staged
   */
  changeConfig(app: AppRecord, request: ConfigRequest): ConfigChange;
  /**
   * Says what a rollback would change, to the release that served before unless one is named.
   *
   * @throws ProblemError `RIG_RELEASE_NOT_FOUND` (404), `RIG_NOTHING_RELEASED`, `RIG_RELEASE_CURRENT`, `RIG_RELEASE_GONE` (409)
   */
  planRollback(app: AppRecord, to: number | undefined): RollbackPlan;
  /** Begins it. Synchronous, for the request's transaction. @throws as the plan, and `RIG_DEPLOY_IN_PROGRESS` (409) */
  rollback(app: AppRecord, to: number | undefined): Deployment;
  /**
   * Begins a release of what serves, started anew. Synchronous, as the three that follow.
   *
   * @throws ProblemError `RIG_NOTHING_RELEASED`, `RIG_DEPLOY_IN_PROGRESS` (409), as the three that follow
   */
  restart(app: AppRecord): Deployment;
  /**
   * Begins to run other numbers of instances, of the process types that are named; those that run and are to run go on.
   *
   * @throws ProblemError `RIG_PROCESS_NOT_FOUND` (404), `RIG_NOTHING_TO_RUN` (422) too
   */
  scale(app: AppRecord, formation: Formation): Deployment;
  /** Stops the app: once that is committed no request goes to it, and its instances end when those under way have. */
  stopApp(app: AppRecord): Stopped;
  /** Begins to start the instances of an app that is stopped. */
  startApp(app: AppRecord): Started;
  /** The versions of vars and secrets that the app serves with; `undefined` before its first release. */
  servingConfig(app: AppRecord): ConfigVersions | undefined;
  deployment(app: AppRecord, id: string): Deployment | undefined;
  /** Cancels it; one that has ended is given as it is. */
  cancelDeployment(app: AppRecord, id: string): Promise<Deployment | undefined>;
  /** Newest first, as the other two lists are. */
  listDeployments(app: AppRecord, page: PageRequest): PageOf<Deployment>;
  listBuilds(app: AppRecord, page: PageRequest): PageOf<Build>;
  listReleases(app: AppRecord, page: PageRequest): PageOf<Release>;
  build(app: AppRecord, id: string): Build | undefined;

  appLogs(app: AppRecord, query: LogQuery): Promise<LogPage>;
  buildLogs(app: AppRecord, buildId: string, query: LogQuery): Promise<LogPage | undefined>;

  /** What serves `deployment:*` and `logs:*`: patterns and factories, mounted beside Max's own. */
  channels(): ReadonlyArray<readonly [pattern: string, factory: ChannelFactory<SocketAssigns>]>;

  /** Serves a request whose Host is `APP.NETWORK.localhost`, whether such an app exists or not. */
  handleRequest(req: IncomingMessage, res: ServerResponse): void;
  /** The same for an upgrade. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Which lines of a log, oldest first: those after `after` where it is given. */
export interface LogQuery extends Partial<Selection> {
  after: number | undefined;
}
