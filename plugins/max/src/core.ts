import type { Authority } from './auth/authority.ts';
import type { ContentStore } from './content/content-store.ts';
import type { EventLog } from './events.ts';
import type { KeyedLine } from './http/keyed-line.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Runtime } from './runtime.ts';
import type { SessionManager } from './sessions/manager.ts';
import type { NetworkPlaces } from './sessions/network-place.ts';
import type { SshHost } from './ssh/ssh-host.ts';
import type { AppConfig } from './store/app-config.ts';
import type { Apps } from './store/apps.ts';
import type { Audit } from './store/audit.ts';
import type { Database } from './store/database.ts';
import type { DiskRoom } from './store/disk-room.ts';
import type { Networks } from './store/networks.ts';
import type { ApiTokens } from './store/tokens.ts';
import type { Uploads } from './store/uploads.ts';

/** Everything that the routes and channels work on. */
export interface Core {
  version: string;
  database: Database;
  networks: Networks;
  apps: Apps;
  config: AppConfig;
  uploads: Uploads;
  tokens: ApiTokens;
  authority: Authority;
  events: EventLog;
  content: ContentStore;
  /** The room on the disk that holds the state. */
  room: DiskRoom;
  runtime: Runtime;
  metrics: Metrics;
  sessions: SessionManager;
  /** The control planes of networks. */
  networkPlaces: NetworkPlaces;
  audit: Audit;
  /** What serves SSH connections. */
  ssh: SshHost;
  /** The port that Max serves on. */
  port(): number;
  /** Keeps what must not happen at once to one app apart. */
  line: KeyedLine;
}
