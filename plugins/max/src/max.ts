import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRigError } from '@rig/plugin-api';
import { finishRemovals } from './app-removal.ts';
import { socketMount } from './channels/mount.ts';
import { chunksOf } from './content/upload-contents.ts';
import { identityOf } from './engine/process-table.ts';
import { endStrays } from './engine/strays.ts';
import { createApi } from './http/app.ts';
import { Idempotency } from './http/idempotency.ts';
import { allRoutes } from './http/routes/index.ts';
import type { Intervals } from './metrics/history.ts';
import { assemble, type Parts } from './parts.ts';
import { type Listening, listen } from './server.ts';
import type { SessionTuning } from './sessions/tuning.ts';
import { keepDatabaseRoom } from './store/database-room.ts';
import { isDiskFull } from './store/disk-errors.ts';
import { demandStartRoom, unusable } from './store/errors.ts';
import { prepareStateDir } from './store/prepare-state-dir.ts';
import { writePrivateFile } from './store/private-file.ts';
import { claimStateFolder, removeRestoreLeftovers, removeState, type StateFolder } from './store/state-folder.ts';
import { REPLACED_FOLDER, type RunFile, statePaths } from './store/state-paths.ts';
import type { UploadRecord } from './store/uploads.ts';

const HOUR_MS = 60 * 60 * 1000;

/** How long answers under way may take when Max stops. */
const STOP_GRACE_MS = 3000;

/** How long an app may take to end of which the database cannot tell. */
const STRAY_GRACE_MS = 10_000;

/** How a Max is started. */
export interface MaxOptions {
  /** The state folder. */
  dir: string;
  /** 0 for any that is free. */
  port: number;
  /** The owner's name, at the first start. */
  owner: string;
  pid: number;
  version: string;
  /** Other intervals of its figures than the usual ones. */
  metrics?: Partial<Intervals> | undefined;
  /** Times and limits of sessions that are not the usual ones. */
  sessions?: Partial<SessionTuning> | undefined;
  /** Gets each line of Max's log too. */
  also?: ((line: string) => void) | undefined;
}

/** A Max that serves. */
export interface RunningMax {
  url: string;
  port: number;
  dir: string;
  /** Writes a line to its log. */
  log(text: string): void;
  /** Ends it; the apps go on running. */
  stop(): Promise<void>;
}

function* digestsOf(upload: UploadRecord): Generator<string> {
  for (const chunk of chunksOf(upload)) yield chunk.digest;
}

async function clean(parts: Parts): Promise<void> {
  try {
    parts.answers.removeExpired();
    parts.signIns.removeExpired();
    parts.uploads.removeExpired();
    keepDatabaseRoom(parts.database);
    await parts.content.collect(function* () {
      for (const upload of parts.uploads.kept()) yield digestsOf(upload);
    });
  } catch (error) {
    parts.log(`cleaning up failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

function serveParts(parts: Parts, port: number): Promise<Listening> {
  const { runtime, endpoint } = parts;
  endpoint.mount('/socket', socketMount(parts));
  const api = createApi({ ...parts, routes: allRoutes(parts), idempotency: new Idempotency(parts.answers) });
  return listen(port, {
    api,
    socket: (incoming, outgoing) => endpoint.handleRequest(incoming, outgoing),
    socketUpgrade: (incoming, socket, head) => endpoint.handleUpgrade(incoming, socket, head),
    router: (incoming, outgoing) => runtime.handleRequest(incoming, outgoing),
    routerUpgrade: (incoming, socket, head) => runtime.handleUpgrade(incoming, socket, head),
    routerLeave: () => runtime.leave(),
  });
}

/**
 * Starts a Max on a state folder: when this resolves it serves, and what ran of an earlier one is adopted.
 *
 * @throws RigError `RIG_MAX_RUNNING`, `RIG_PORT_TAKEN` (5), `RIG_DATABASE_UNREADABLE`, `RIG_DATABASE_NEWER`, `RIG_STATE_DIR`,
 * `RIG_STORAGE_FULL`
 */
export async function startMax(options: MaxOptions): Promise<RunningMax> {
  prepareStateDir(options.dir);
  demandStartRoom(options.dir);
  const folder = claimStateFolder(options.dir);
  let parts: Parts | undefined;
  let listening: Listening | undefined;
  try {
    parts = assemble(folder, options, () => listening?.port ?? options.port);
    keepDatabaseRoom(parts.database);
    await parts.content.clean();
    listening = await serveParts(parts, options.port);
    const { log } = parts;
    // What still runs of the state that a restore has set aside ends before its apps are started anew.
    await clearReplaced(folder, options).catch((error: Error) => log(`a restore is not tidied up: ${error.message}`));
    await parts.sessions.start();
    await parts.runtime.start();
    parts.metrics.start();
    listening.open();
    // An app may take its time to end; nobody finds it meanwhile.
    void finishRemovals(parts);
    return announce(folder, options, parts, listening);
  } catch (error) {
    await parts?.sessions.stop();
    await listening?.close(0);
    await parts?.metrics.stop();
    await parts?.runtime.stop().catch(() => undefined);
    parts?.database.close();
    folder.release();
    throw isDiskFull(error) ? unusable(options.dir, error) : error;
  }
}

function announce(folder: StateFolder, options: MaxOptions, parts: Parts, listening: Listening): RunningMax {
  const { port } = listening;
  const url = `http://127.0.0.1:${port}`;
  const { pid, version } = options;
  const run: RunFile = {
    pid,
    identity: identityOf(pid) ?? '',
    port,
    url,
    startedAt: new Date().toISOString(),
    version,
  };
  writePrivateFile(folder.port, `${port}\n`);
  writePrivateFile(folder.run, `${JSON.stringify(run)}\n`);
  parts.log(`max ${version} serves at ${url}, process ${pid}, state in ${folder.dir}`);
  void clean(parts);
  const hourly = setInterval(() => void clean(parts), HOUR_MS);
  hourly.unref();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(hourly);
    parts.log('max stops');
    // Whoever is joined to a session is told how it ended.
    await parts.sessions.stop();
    // New connections are refused from here on; sockets are told to come back later.
    const closed = listening.close(STOP_GRACE_MS);
    await parts.endpoint.stop();
    await closed;
    await parts.metrics.stop();
    await parts.runtime.stop();
    rmSync(folder.run, { force: true });
    parts.log('max has stopped');
    parts.database.close();
    folder.release();
  };
  return {
    url,
    port,
    dir: folder.dir,
    log: parts.log,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Ends the apps of a Max that does not run; gives how many instances ended. */
export async function stopApps(options: Omit<MaxOptions, 'port'>): Promise<number> {
  const folder = claimStateFolder(options.dir);
  try {
    return (await clearReplaced(folder, options)) + (await endApps(folder, options));
  } finally {
    folder.release();
  }
}

/** Ends what still runs of the state that a restore has set aside, and removes it; gives how many instances ended. */
async function clearReplaced(folder: StateFolder, options: Omit<MaxOptions, 'port'>): Promise<number> {
  const dir = join(folder.dir, REPLACED_FOLDER);
  let ended = 0;
  if (existsSync(statePaths(dir).database)) {
    const replaced = claimStateFolder(dir);
    try {
      ended = await endApps(replaced, { ...options, dir });
    } catch (error) {
      // A database that cannot be read is the best of reasons for a restore.
      if (!isRigError(error)) throw error;
    } finally {
      replaced.release();
    }
    // Those that its database does not tell of: two restores may have followed each other.
    ended += await endStrays(folder.apps, STRAY_GRACE_MS);
  }
  await removeRestoreLeftovers(folder.dir);
  return ended;
}

/** Ends the apps of a Max that does not run and removes its state folder; gives how many instances ended. */
export async function resetState(options: Omit<MaxOptions, 'port'>): Promise<number> {
  const folder = claimStateFolder(options.dir);
  try {
    let ended = await clearReplaced(folder, options);
    try {
      ended += await endApps(folder, options);
    } catch (error) {
      // A database that cannot be read is a reason for a reset, not against one.
      if (!isRigError(error)) throw error;
      ended += await endStrays(folder.apps, STRAY_GRACE_MS);
    }
    await removeState(folder);
    return ended;
  } finally {
    folder.release();
  }
}

async function endApps(folder: StateFolder, options: Omit<MaxOptions, 'port'>): Promise<number> {
  const parts = assemble(folder, { ...options, port: 0 }, () => 0);
  try {
    const ended = (await parts.runtime.stopApps()) + (await parts.sessions.endDetached());
    // Commands and shells of a Max that was killed: nobody else ends them.
    await parts.runtime.sweep(...new Set(parts.audit.open().map(({ session }) => session)));
    if (ended > 0) parts.log(`${ended === 1 ? 'an instance of an app was' : `${ended} instances of apps were`} ended`);
    return ended;
  } finally {
    await parts.runtime.stop().catch(() => undefined);
    parts.database.close();
  }
}
