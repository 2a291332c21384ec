/** A page of a list: ask again with `?cursor=` and `next` until `next` is `null`. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** A network: a subdomain that apps live in. Times are ISO 8601 in UTC. */
export interface Network {
  /** Stable, `net_…`; part of topics. */
  id: string;
  name: string;
  /** `NAME.DOMAIN`. */
  hostname: string;
  apps: number;
  createdAt: string;
}

/** What is sent to `POST /v1/networks`; Max makes a name where none is given. */
export interface CreateNetwork {
  name?: string;
}

/** How an app fares as a whole. */
export type AppState =
  /** No release yet. */
  | 'empty'
  /** All its instances answer. */
  | 'running'
  /** Instances start, and none answers yet. */
  | 'starting'
  /** Some instances answer, others do not. */
  | 'degraded'
  /** Its instances crash and are restarted with growing pauses. */
  | 'crashed'
  /** Stopped by the user. */
  | 'stopped';

/** An app. */
export interface App {
  /** Stable, `app_…`; part of topics. */
  id: string;
  name: string;
  network: string;
  /** `NAME.NETWORK.DOMAIN`. */
  hostname: string;
  /** Where the router serves it. */
  url: string;
  state: AppState;
  /** Version of the release that serves, e.g. 3 for v3; `null` before the first. */
  release: number | null;
  createdAt: string;
  updatedAt: string;
}

/** What is sent to `POST /v1/networks/:network/apps`. */
export interface CreateApp {
  name: string;
}

/** One copy of an app's process. */
export interface Instance {
  /** Stable while the app's release lives, e.g. `web.1`. */
  name: string;
  state: 'starting' | 'healthy' | 'unhealthy' | 'backing-off' | 'stopping' | 'stopped';
  release: number;
  pid: number | null;
  port: number | null;
  startedAt: string | null;
  /** Restarts after a crash, since the release began. */
  restarts: number;
  /** How the last run ended, e.g. `exit 1` or `SIGKILL`. */
  lastExit: string | null;
}

/** `GET …/apps/:app/status`. */
export interface AppStatus {
  app: App;
  instances: Instance[];
  /** Id, state and time of the last deployment. */
  deployment: { id: string; state: string; at: string; reason: string | null } | null;
  /** The last events, newest first. */
  events: Array<{ at: string; type: string; text: string }>;
}

/** `GET /v1/networks/:network/status`. */
export interface NetworkStatus {
  network: Network;
  apps: App[];
  events: Array<{ at: string; type: string; text: string }>;
}

/** `GET …/apps/:app/details`: the whole configuration. */
export interface AppDetails {
  app: App;
  /** What the release that serves was built from. */
  source: { files: number; bytes: number; digest: string } | null;
  builder: string | null;
  /** Process types and the command of each. */
  processes: Record<string, string>;
  /** Healthcheck path, or `null`: the port must open. */
  healthcheck: string | null;
  instances: number;
  logs: { keptBytes: number; maxBytes: number; maxAgeDays: number };
}

/** `GET /v1/networks/:network/details`. */
export interface NetworkDetails {
  network: Network;
  owner: string;
  apps: string[];
}

/** A release: code and configuration under a number. */
export interface Release {
  id: string;
  version: number;
  deploymentId: string;
  buildId: string | null;
  createdAt: string;
  /** Whether it serves now. */
  current: boolean;
}
