import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../remove-tree.ts';
import { Audit } from '../store/audit.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { Seal } from '../store/seal.ts';
import { type StatePaths, statePaths } from '../store/state-paths.ts';
import { backupInvalid } from './errors.ts';

/**
 * Makes a state that was just extracted fit to be started here: its database in the newest format, without the processes of
 * the machine that it comes from, and without files that the database does not name.
 *
 * @param file the backup, for messages
 * @throws RigError `RIG_BACKUP_INVALID`
 */
export async function prepareRestored(file: string, dir: string): Promise<void> {
  const paths = statePaths(dir);
  for (const [path, name] of [
    [paths.database, 'the database'],
    [paths.key, 'the key of the secrets'],
  ] as const)
    if (!existsSync(path)) throw backupInvalid(file, `${name} is missing in it`);
  const database = openParts(file, paths);
  try {
    // Their numbers are of another machine, or of a Max that may still run beside this one: nobody may be adopted by them,
    // or killed. Each app starts as many instances anew as it should have.
    database.run('DELETE FROM instances');
    // What they wrote is not in a backup.
    database.run('DELETE FROM detached_commands');
    // Sessions that went on may still do so in the Max beside this one, which must not end them as left by an earlier one.
    const audit = new Audit(database);
    audit.closeUnseen([...audit.open(), ...audit.openOutliving()], {
      reason: 'abandoned',
      detail: 'it went on when the backup was made that this Max was restored from',
    });
    // What was being removed, or was not built to its end, has no folder in a backup.
    database.run("UPDATE builds SET kept = 0 WHERE kept = 1 AND state NOT IN ('succeeded', 'running')");
    const ids = (sql: string): Set<string> => new Set(database.all<{ id: string }>(sql).map(({ id }) => id));
    const apps = ids('SELECT id FROM apps');
    const builds = ids('SELECT id FROM builds');
    const kept = ids(`SELECT id FROM builds WHERE kept = 1 AND state = 'succeeded'
      AND app_id IN (SELECT id FROM apps WHERE removing = 0)`);
    for (const id of kept)
      if (!existsSync(join(paths.builds, id, 'app'))) throw backupInvalid(file, `the build ${id} is missing in it`);
    await prune(paths.apps, apps);
    await prune(paths.builds, kept);
    await prune(join(paths.logs, 'apps'), apps);
    await prune(join(paths.logs, 'builds'), builds);
    database.singleFile();
  } finally {
    database.close();
  }
}

function openParts(file: string, paths: StatePaths): Database {
  try {
    Seal.open(paths.key);
    return openDatabase(paths.database);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw code === 'RIG_DATABASE_UNREADABLE' ? backupInvalid(file, message) : error;
  }
}

/** What was deleted while the backup was made can be in it. */
async function prune(folder: string, known: ReadonlySet<string>): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (!known.has(name)) await removeTree(join(folder, name));
}
