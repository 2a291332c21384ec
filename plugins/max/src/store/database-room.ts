import type { Database } from './database.ts';
import { isDiskFull } from './disk-errors.ts';

/** Bytes of the write-ahead log after which it is written into the database and begun anew; its file keeps its size. */
const CHECKPOINT_BYTES = 1024 * 1024;

/** Bytes that the database has for new rows, and a little more its write-ahead log, though nothing on the disk is free. */
export const DATABASE_ROOM = 2 * 1024 * 1024;

const pragma = (database: Database, name: string): number =>
  Object.values(database.get<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0] ?? 0;

/**
 * Gives the database room of its own inside of its files: on a full disk apps can be deleted, deployments be failed and
 * instances be started again all the same. Call it again now and then: rows use it up.
 *
 * @returns whether it has it; `false` on a disk that is full already
 */
export function keepDatabaseRoom(database: Database): boolean {
  const page = pragma(database, 'page_size');
  database.exec(`PRAGMA wal_autocheckpoint = ${Math.floor(CHECKPOINT_BYTES / page)}`);
  try {
    // A Max that was killed in here, or a disk that was full then, has left it.
    database.exec('DROP TABLE IF EXISTS room');
    if (pragma(database, 'freelist_count') * page >= DATABASE_ROOM / 2) return true;
    // What a table leaves behind stays in the file as free pages, and the log has been as large as that.
    database.transaction(() => {
      database.exec('CREATE TABLE room (bytes BLOB)');
      database.run('INSERT INTO room (bytes) VALUES (zeroblob(?))', [DATABASE_ROOM]);
    });
    database.exec('DROP TABLE room');
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  }
}
