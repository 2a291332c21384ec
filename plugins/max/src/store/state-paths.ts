import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The file that tells Max's state folder from any other. */
export const MARKER_FILE = 'rig-max-state';

/** What it holds. */
export const MARKER_TEXT = 'The state of an embedded Max. Remove it with: rig max reset\n';

/** What a restore is about to put in its place. */
export const RESTORED_FOLDER = 'restored';

/** What a restore has set aside, until it is removed. */
export const REPLACED_FOLDER = 'replaced';

/** Says how far a restore has come with that. */
export const JOURNAL_FILE = 'restore.json';

/** What lies where in the state folder. */
export interface StatePaths {
  /** The folder itself. */
  dir: string;
  /** The database. */
  database: string;
  /** Held while a Max uses the folder. */
  lock: string;
  /** Who runs and where: {@link RunFile}. */
  run: string;
  /** The port that was used last. */
  port: string;
  /** The owner's API token, 0600. */
  token: string;
  /** The key of what is sealed in the database, 0600. */
  key: string;
  /** The key by which ssh knows this Max, 0600; made at its first use. */
  sshHostKey: string;
  /** What Max says about itself. */
  log: string;
  /** Content by digest. */
  content: string;
  /** Source trees, builds and releases. */
  builds: string;
  /** What builds leave for the next builds of their app; may be removed at any time. */
  cache: string;
  /** Data and output of the apps. */
  apps: string;
  /** What networks have of their own. */
  networks: string;
  /** Log segments. */
  logs: string;
  /** Figures of the last day; may be removed at any time. */
  metrics: string;
}

/** Names everything in a state folder. */
export function statePaths(dir: string): StatePaths {
  return {
    dir,
    database: join(dir, 'max.db'),
    lock: join(dir, 'max.lock'),
    run: join(dir, 'max.json'),
    port: join(dir, 'port'),
    token: join(dir, 'owner-token'),
    key: join(dir, 'max.key'),
    sshHostKey: join(dir, 'ssh-host-key'),
    log: join(dir, 'max.log'),
    content: join(dir, 'content'),
    builds: join(dir, 'builds'),
    cache: join(dir, 'cache'),
    apps: join(dir, 'apps'),
    networks: join(dir, 'networks'),
    logs: join(dir, 'logs'),
    metrics: join(dir, 'metrics'),
  };
}

const BESIDE = ['', '.new', '-wal', '-shm', '-journal', '.1'];

function namesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => BESIDE.map((suffix) => basename(path) + suffix));
}

/** The names of everything that Max may have in its folder. */
export function stateNames(): Set<string> {
  const { dir: _, ...paths } = statePaths('/');
  const restore = [RESTORED_FOLDER, REPLACED_FOLDER, JOURNAL_FILE, `${JOURNAL_FILE}.new`];
  return new Set([MARKER_FILE, `${MARKER_FILE}.new`, ...restore, ...namesOf(Object.values(paths))]);
}

/** The names of what a restore replaces: all but what belongs to this machine and not to the state. */
export function replacedNames(): string[] {
  const { dir: _, lock: __, run: ___, port: ____, log: _____, ...paths } = statePaths('/');
  return namesOf(Object.values(paths));
}

/** Who runs on a state folder: written when Max serves, removed when it ends well. */
export interface RunFile {
  pid: number;
  /** When the process started, in which run of the system: tells it from a stranger with the same number. */
  identity: string;
  port: number;
  url: string;
  startedAt: string;
  version: string;
}

/** Reads the run file, or gives `undefined` where there is none or it is not whole. */
export function readRunFile(dir: string): RunFile | undefined {
  try {
    const run = JSON.parse(readFileSync(statePaths(dir).run, 'utf8')) as RunFile;
    const whole = Number.isInteger(run.pid) && typeof run.identity === 'string' && typeof run.url === 'string';
    return whole ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a folder is one of Max's, so that nothing else is ever removed. */
export function isStateFolder(dir: string): boolean {
  try {
    return readFileSync(join(dir, MARKER_FILE), 'utf8') === MARKER_TEXT;
  } catch {
    return false;
  }
}

/** Where Max listens unless it is told otherwise. */
export const DEFAULT_PORT = 7420;
