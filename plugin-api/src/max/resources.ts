import type { RecentMetrics } from './metrics.ts';
import type { AppSettings } from './settings.ts';

/** A page of a list: ask again with `?cursor=` and `next` until `next` is `null`. */
export interface Page<T> {
  /** The items of this page, in the order of the list. */
  items: T[];
  /** Cursor of the next page; `null` at the end. */
  next: string | null;
}

/** A network: a subdomain that apps live in. Times are ISO 8601 in UTC. */
export interface Network {
  /** Stable, `net_…`; part of topics. */
  id: string;
  /** Unique in a Max; see {@link NAME_PATTERN}. */
  name: string;
  /** `NAME.DOMAIN`. */
  hostname: string;
  /** How many apps it has. */
  apps: number;
  /** ISO 8601 in UTC. */
  createdAt: string;
}

/** What is sent to `POST /v1/networks`; Max makes a name where none is given. */
export interface CreateNetwork {
  /** See {@link NAME_PATTERN}. */
  name?: string;
}

/** How an app fares as a whole. */
export type AppState =
  /** No release yet. */
  | 'empty'
  /** All its instances are healthy. */
  | 'running'
  /** Instances start, and none is healthy yet. */
  | 'starting'
  /** Some instances are healthy, others are not. */
  | 'degraded'
  /** Its instances crash and are restarted with growing pauses. */
  | 'crashed'
  /** Stopped by the user: it has no instances until it is started. */
  | 'stopped';

/** An app. */
export interface App {
  /** Stable, `app_…`; part of topics. */
  id: string;
  /** Unique in its network; see {@link NAME_PATTERN}. */
  name: string;
  /** Name of its network. */
  network: string;
  /** `NAME.NETWORK.DOMAIN`. */
  hostname: string;
  /** Where the router serves it. */
  url: string;
  /** How it fares. */
  state: AppState;
  /** Version of the release that serves, e.g. 3 for v3; `null` before the first. */
  release: number | null;
  /** What `PATCH` changes. */
  settings: AppSettings;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** ISO 8601 in UTC. */
  updatedAt: string;
}

/** What is sent to `POST /v1/networks/:network/apps`. */
export interface CreateApp {
  /** See {@link NAME_PATTERN}. */
  name: string;
}

/**
 * Why an instance ended or is not healthy; `docs/apps.md` says what each means. `RIG_INSTANCE_CRASHED` it ended with an error
 * or by a signal, `RIG_INSTANCE_ENDED` without one, `RIG_OUT_OF_MEMORY` for want of memory; it runs and has opened no port in
 * time (`RIG_BOOT_TIMEOUT`), another one or none any more (`RIG_PORT_NOT_OPENED`), or does not answer its healthcheck.
 */
export const INSTANCE_FAILURE_CODES = [
  'RIG_INSTANCE_CRASHED',
  'RIG_INSTANCE_ENDED',
  'RIG_OUT_OF_MEMORY',
  'RIG_BOOT_TIMEOUT',
  'RIG_PORT_NOT_OPENED',
  'RIG_HEALTHCHECK_FAILED',
] as const;

/** One of them. */
export type InstanceFailureCode = (typeof INSTANCE_FAILURE_CODES)[number];

/** What is wrong with an instance at the moment. */
export interface InstanceFailure {
  /** Stable. */
  code: InstanceFailureCode;
  /** What the last run came to, e.g. `ended (exit 1)`. */
  reason: string;
  /** Since when it has not been healthy, over however many starts: ISO 8601 in UTC. */
  since: string;
  /** When it is started again; `null` while it runs. */
  retryAt: string | null;
}

/** One copy of an app's process. */
export interface Instance {
  /** Stable while the app's release lives, e.g. `web.1`. */
  name: string;
  /** Its process type, e.g. `web`. */
  process: string;
  /** `unhealthy` runs and does not answer; `backing-off` crashed and waits for its next start. */
  state: 'starting' | 'healthy' | 'unhealthy' | 'backing-off' | 'stopping' | 'stopped';
  /** Version of the release that it runs. */
  release: number;
  /** Process id; `null` while it does not run. */
  pid: number | null;
  /** Port of its run; `null` while it does not run, and for process types other than `web`. */
  port: number | null;
  /** When its run began, or its last, ISO 8601 in UTC; `null` before the first. */
  startedAt: string | null;
  /** Restarts after a crash, since the release began. */
  restarts: number;
  /** How the last run ended, e.g. `exit 1`, `SIGKILL` or `SIGABRT, out of memory`. */
  lastExit: string | null;
  /** Why it is not healthy; `null` while it is, and at its first start. */
  failure: InstanceFailure | null;
}

/** `GET …/apps/:app/status`. */
export interface AppStatus {
  /** The app itself. */
  app: App;
  /** Its instances: those of `web` first. */
  instances: Instance[];
  /** How many are to run by process type, unless it is stopped; empty before the first release. */
  formation: Record<string, number>;
  /** Id, state and time of the last deployment. */
  deployment: { id: string; state: string; at: string; reason: string | null } | null;
  /** The last events, newest first. */
  events: Array<{ at: string; type: string; text: string }>;
  /** Its last minute; `null` in the first second of a Max, and not there at all where it takes no figures. */
  metrics?: RecentMetrics | null;
}

/** `GET /v1/networks/:network/status`. */
export interface NetworkStatus {
  /** The network itself. */
  network: Network;
  /** Its apps, by name. */
  apps: App[];
  /** The last minute of each app that has a release, by the app's id; without those of which nothing is known yet. */
  metrics?: Record<string, RecentMetrics>;
  /** The last events, newest first. */
  events: Array<{ at: string; type: string; text: string }>;
}

/** `GET …/apps/:app/details`: the whole configuration. */
export interface AppDetails {
  /** The app itself. */
  app: App;
  /** What the release that serves was built from. */
  source: { files: number; bytes: number; digest: string } | null;
  /** What built it and why, e.g. `node: package.json`; `null` before the first release. */
  builder: string | null;
  /** Process types and the command of each. */
  processes: Record<string, string>;
  /** Healthcheck path, or `null`: the port must open. */
  healthcheck: string | null;
  /** How many are to run, of all process types. */
  instances: number;
  /** The same by process type; empty before the first release. */
  formation: Record<string, number>;
  /** Bytes of its log that are kept, the limits of size and age (0: none), and the first and the last line that is kept. */
  logs: {
    keptBytes: number;
    maxBytes: number;
    maxAgeDays: number;
    first: { seq: number; at: string } | null;
    last: { seq: number; at: string } | null;
  };
  /** Bytes that its builds have left for the next one, and how many that may be. */
  buildCache: { bytes: number; maxBytes: number };
}

/** `GET /v1/networks/:network/details`. */
export interface NetworkDetails {
  /** The network itself. */
  network: Network;
  /** Name of the user it belongs to. */
  owner: string;
  /** Names of its apps. */
  apps: string[];
}

/** A release: code and configuration under a number. */
export interface Release {
  /** Stable, `rel_…`. */
  id: string;
  /** 1 for v1 and so on, counted per app. */
  version: number;
  /** The deployment that made it. */
  deploymentId: string;
  /** The build that it came from. */
  buildId: string | null;
  /** What was built: SHA-256 of the tree, its files and their bytes. */
  code: { digest: string; files: number; bytes: number };
  /** Version of the app's vars that it runs with; 0 for none. */
  vars: number;
  /** Version of the app's secrets that it runs with; 0 for none. */
  secrets: number;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** Whether it serves now. */
  current: boolean;
}
