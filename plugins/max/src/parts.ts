import { Authority } from './auth/authority.ts';
import { ensureOwnerToken } from './auth/owner-token.ts';
import { ContentStore } from './content/content-store.ts';
import type { Core } from './core.ts';
import { LocalRuntime } from './deployments/local-runtime.ts';
import { EventLog } from './events.ts';
import { KeyedLine } from './http/keyed-line.ts';
import { openLog } from './log-file.ts';
import type { MaxOptions } from './max.ts';
import { Metrics } from './metrics/metrics.ts';
import { RequestMeters } from './metrics/request-meters.ts';
import { DetachedSessions } from './sessions/detached/detached-sessions.ts';
import { SessionManager } from './sessions/manager.ts';
import { NetworkPlaces } from './sessions/network-place.ts';
import { SESSION_TUNING } from './sessions/tuning.ts';
import { Endpoint } from './socket/index.ts';
import { SshHost } from './ssh/ssh-host.ts';
import { AppConfig } from './store/app-config.ts';
import { Apps } from './store/apps.ts';
import { Audit } from './store/audit.ts';
import { openDatabase } from './store/database.ts';
import { DiskRoom } from './store/disk-room.ts';
import { IdempotentAnswers } from './store/idempotency.ts';
import { Networks } from './store/networks.ts';
import { Seal } from './store/seal.ts';
import { SignIns } from './store/sign-ins.ts';
import type { StateFolder } from './store/state-folder.ts';
import { ApiTokens } from './store/tokens.ts';
import { Uploads } from './store/uploads.ts';
import { Users } from './store/users.ts';

/** The parts of a Max that is not serving yet. */
export interface Parts extends Core {
  signIns: SignIns;
  answers: IdempotentAnswers;
  endpoint: Endpoint;
  log(text: string): void;
}

/** Opens the state of a folder and ties together what serves it. */
export function assemble(folder: StateFolder, options: MaxOptions, port: () => number): Parts {
  const log = openLog(folder.log, options.also);
  const database = openDatabase(folder.database);
  const seal = Seal.open(folder.key);
  const tokens = new ApiTokens(database);
  const signIns = new SignIns(database);
  const endpoint = new Endpoint({
    onProblem: ({ cause, topic, during }) =>
      log(
        `socket, ${during}${topic === undefined ? '' : ` of ${topic}`}: ${cause instanceof Error ? cause.stack : String(cause)}`,
      ),
  });
  const authority = new Authority(database, tokens, signIns, (grant) => endpoint.disconnect(grant));
  ensureOwnerToken(folder.token, new Users(database).owner(options.owner), tokens);
  const apps = new Apps(database);
  const config = new AppConfig(database, seal);
  const uploads = new Uploads(database);
  const events = new EventLog(database);
  const room = new DiskRoom(folder.dir);
  const content = new ContentStore(folder.content, room);
  const { release: _, ...paths } = folder;
  const requests = new RequestMeters();
  const runtime = new LocalRuntime({ paths, database, apps, config, uploads, content, events, requests, log, port });
  const audit = new Audit(database);
  const ssh = new SshHost(folder.sshHostKey);
  const sessions = new SessionManager({
    paths,
    database,
    audit,
    tuning: { ...SESSION_TUNING, ...options.sessions },
    ssh,
    detached: new DetachedSessions({ paths, database, apps, audit, report: log }),
    sweep: (...ids) => runtime.sweep(...ids),
    log,
  });
  return {
    version: options.version,
    networks: new Networks(database),
    apps,
    config,
    uploads,
    tokens,
    authority,
    events,
    content,
    room,
    runtime,
    metrics: new Metrics({
      ...{ database, events, runtime, requests, room, log },
      dir: paths.metrics,
      intervals: options.metrics,
    }),
    ssh,
    sessions,
    networkPlaces: new NetworkPlaces(paths, apps, port),
    audit,
    port,
    line: new KeyedLine(),
    database,
    signIns,
    answers: new IdempotentAnswers(database, seal),
    endpoint,
    log,
  };
}
