import { existsSync, realpathSync, statSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
import { migrations } from '../store/migrations/index.ts';
import { restoreInterrupted } from '../store/restore-journal.ts';
import { claimStateFolder } from '../store/state-folder.ts';
import { type StatePaths, statePaths } from '../store/state-paths.ts';
import { addFile, addTree, namesIn, type TreeReport } from './archive-tree.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { openBackupFile } from './backup-file.ts';
import { backupUnwritable, stateUnreadable, stateUnsettled } from './errors.ts';
import { FORMAT, KIND } from './format.ts';
import { type Contents, LiveDatabase } from './snapshot.ts';

/** Copies of the database that are taken before it is given up; each only adds what is new since the one before. */
const ROUNDS = 10;
/** Paths that are named in a warning. */
const NAMED = 5;

/** What is backed up, and where to. */
export interface BackupOptions {
  dir: string;
  file: string;
  /** Replaces a file that is there. */
  force: boolean;
  version: string;
  signal: AbortSignal;
  onProgress(bytes: number): void;
}

/** What a backup holds. */
export interface BackedUp {
  file: string;
  /** Bytes of the file. */
  size: number;
  createdAt: string;
  networks: number;
  apps: number;
  /** Files that apps wrote to while they were read: how many, and the first of them. */
  changed: { count: number; paths: string[] };
  /** Sockets, pipes and devices, which are left out. */
  special: { count: number; paths: string[] };
}

/**
 * Writes everything that a Max keeps into a file, whether it runs or not; apps serve on, and deploys go on.
 *
 * @throws RigError `RIG_MAX_NOT_SET_UP` (3), `RIG_BACKUP_EXISTS` (5), `RIG_BACKUP_WRITE`, `RIG_BACKUP_READ`,
 * `RIG_BACKUP_UNSETTLED`, `RIG_DATABASE_UNREADABLE`, `RIG_DATABASE_NEWER`
 */
export async function backup(options: BackupOptions): Promise<BackedUp> {
  const { dir, file, force, signal } = options;
  const paths = statePaths(dir);
  // Claiming the folder brings a restore that was killed to its end.
  if (restoreInterrupted(dir)) claimStateFolder(dir).release();
  if (!existsSync(paths.database)) throw notSetUp(dir);
  const target = openBackupFile(file, dir, force);
  try {
    const database = new LiveDatabase(paths.database);
    const writer = new ArchiveWriter(target.archive, signal);
    try {
      const work = new Backup(options, paths, database, writer, target.folder);
      const found = await work.run();
      const size = statSync(target.archive).size;
      return { file: target.place(), size, ...found };
    } catch (error) {
      await writer.abort();
      throw error;
    } finally {
      database.close();
    }
  } catch (error) {
    if (signal.aborted) throw interrupted(file);
    throw isRigError(error) || !(error as NodeJS.ErrnoException).syscall ? error : backupUnwritable(file, error);
  } finally {
    await target.remove();
  }
}

function notSetUp(dir: string): RigError {
  return new RigError({
    code: 'RIG_MAX_NOT_SET_UP',
    message: `there is no database in ${dir}: no Max has run there`,
    hint: 'name the state folder of a Max with --state-dir, or start one with: rig max up',
    exitCode: ExitCode.NotFound,
  });
}

function interrupted(file: string): RigError {
  return new RigError({
    code: 'RIG_INTERRUPTED',
    message: `interrupted; there is no backup ${file}`,
    exitCode: ExitCode.Interrupted,
  });
}

/** Counts paths and keeps the first. */
class Noted {
  count = 0;
  readonly paths: string[] = [];

  add(path: string): void {
    this.count += 1;
    if (this.paths.length < NAMED) this.paths.push(path);
  }
}

/** One backup on its way: the database first, then the files that it names. */
class Backup {
  readonly #options: BackupOptions;
  readonly #paths: StatePaths;
  readonly #database: LiveDatabase;
  readonly #writer: ArchiveWriter;
  readonly #folder: string;
  readonly #changed = new Noted();
  readonly #special = new Noted();
  readonly #report: TreeReport;
  /** What is in the archive already, whole. */
  readonly #done = new Set<string>();

  constructor(
    options: BackupOptions,
    paths: StatePaths,
    database: LiveDatabase,
    writer: ArchiveWriter,
    folder: string,
  ) {
    this.#options = options;
    this.#paths = paths;
    this.#database = database;
    this.#writer = writer;
    this.#folder = folder;
    this.#report = {
      changed: (path) => this.#changed.add(path),
      special: (path) => this.#special.add(path),
      progress: () => options.onProgress(writer.bytes),
    };
  }

  async run(): Promise<Omit<BackedUp, 'file' | 'size'>> {
    const { dir, version } = this.#options;
    const createdAt = new Date().toISOString();
    const schema = migrations.at(-1)?.version ?? 0;
    const header = { kind: KIND, format: FORMAT, createdAt, version, schema } as const;
    await this.#writer.header({ ...header, stateDir: realpathSync(dir), platform: `${platform()}-${arch()}` });
    const { copy, contents } = await this.#settle();
    const silent = { ...this.#report, changed: () => undefined };
    if (!(await addFile(this.#writer, this.#paths.key, 'max.key', silent)))
      throw stateUnreadable(this.#paths.key, 'it is gone, and the secrets cannot be read without it');
    await addFile(this.#writer, this.#paths.token, 'owner-token', silent);
    await addFile(this.#writer, this.#paths.sshHostKey, 'ssh-host-key', silent);
    await addFile(this.#writer, copy, 'max.db', silent);
    const apps = contents.apps.length;
    await this.#writer.finish({ networks: contents.networks, apps });
    return { createdAt, networks: contents.networks, apps, changed: this.#changed, special: this.#special };
  }

  /** Takes copies of the database, and the files that each names, until one is there with all of its files. */
  async #settle(): Promise<{ copy: string; contents: Contents }> {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const copy = join(this.#folder, `database-${round}`);
      const contents = this.#database.copyTo(copy, this.#options.file);
      const whole = await this.#files(contents);
      if (whole && this.#database.stillHas(contents)) return { copy, contents };
    }
    throw stateUnsettled(`apps or builds were deleted while they were read, ${ROUNDS} times in a row`);
  }

  /** Adds the files that a copy of the database names and that are not there yet; says whether all were found. */
  async #files({ apps, builds, buildLogs }: Contents): Promise<boolean> {
    const { builds: buildsDir, apps: appsDir, logs } = this.#paths;
    let whole = true;
    await this.#content();
    for (const id of builds) {
      const folder = join(buildsDir, id, 'app');
      // It is moved away before it is removed: one that is still there was there all the time.
      const there = await this.#once(`builds/${id}`, async () => {
        await addTree(this.#writer, folder, `builds/${id}/app`, this.#report);
        return existsSync(folder);
      });
      whole &&= there;
    }
    for (const id of buildLogs) await this.#once(`logs/builds/${id}`, () => this.#log(logs, `builds/${id}`));
    for (const id of apps) {
      await this.#once(`apps/${id}`, async () => {
        await addTree(this.#writer, join(appsDir, id, 'home'), `apps/${id}/home`, this.#report);
        return true;
      });
      await this.#once(`logs/apps/${id}`, () => this.#log(logs, `apps/${id}`));
    }
    return whole;
  }

  /** Files by their digest: each is whole once it is there, and never changes. */
  async #content(): Promise<void> {
    const { content } = this.#paths;
    for (const group of namesIn(content) ?? []) {
      if (!/^[0-9a-f]{2}$/.test(group)) continue;
      for (const digest of namesIn(join(content, group)) ?? []) {
        if (!/^[0-9a-f]{64}$/.test(digest)) continue;
        const path = `content/${group}/${digest}`;
        await this.#once(digest, () => addFile(this.#writer, join(content, group, digest), path, this.#report));
      }
    }
  }

  /**
   * A log is appended to alone: up to where it ended when it was opened it does not change. Retention drops the oldest lines
   * meanwhile: read from the youngest on, what is in the backup has no hole.
   */
  async #log(logs: string, path: string): Promise<boolean> {
    const report = { ...this.#report, changed: () => undefined };
    let oldest: string | undefined;
    const add = async (name: string): Promise<boolean> => {
      const there = await addFile(this.#writer, join(logs, path, name), `logs/${path}/${name}`, report);
      if (there) oldest = name;
      return there;
    };
    for (let settled = false; !settled; ) {
      settled = true;
      for (const name of namesIn(join(logs, path))?.reverse() ?? []) {
        if (!/^\d{16}\.log(\.damaged)?$/.test(name) || (oldest !== undefined && name >= oldest)) continue;
        if (await add(name)) continue;
        // It was dropped; the rest of it may be there under another name.
        settled = false;
        break;
      }
    }
    return true;
  }

  async #once(unit: string, add: () => Promise<boolean>): Promise<boolean> {
    if (this.#done.has(unit)) return true;
    const there = await add();
    if (there) this.#done.add(unit);
    return there;
  }
}
