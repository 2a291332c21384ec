import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { DATABASE_ROOM, keepDatabaseRoom } from '../../../../plugins/max/src/store/database-room.ts';

let dir: string;
let database: Database;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-room-'));
  database = openDatabase(join(dir, 'max.db'));
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Lets the file grow no further, as a full disk does. */
const fix = (): void => {
  const { page_count } = database.get<{ page_count: number }>('PRAGMA page_count')!;
  database.exec(`PRAGMA max_page_count = ${page_count}`);
};
const release = (): void => database.exec('PRAGMA max_page_count = 1000000');
const event = (text: string): number =>
  database.run("INSERT INTO events (at, type, text) VALUES ('now', 'test', ?)", [text]);
const count = (): number => database.get<{ n: number }>('SELECT count(*) AS n FROM events')!.n;

test('a file that cannot grow takes new rows into the room that it has', () => {
  expect(keepDatabaseRoom(database)).toBe(true);
  fix();
  for (let row = 0; row < 1_000; row += 1) event('x'.repeat(1_000));
  expect(count()).toBe(1_000);
});

test('its log has been as large as what goes into it between two checkpoints, and grows no further', () => {
  keepDatabaseRoom(database);
  const before = statSync(join(dir, 'max.db-wal')).size;
  expect(before).toBeGreaterThan(DATABASE_ROOM);
  for (let row = 0; row < 2_000; row += 1) event('x'.repeat(500));
  expect(statSync(join(dir, 'max.db-wal')).size).toBe(before);
});

test('when that is used up nothing is half, and what is deleted makes room', () => {
  keepDatabaseRoom(database);
  fix();
  const full = expect.objectContaining({ code: 'SQLITE_FULL' });
  expect(() =>
    database.transaction(() => {
      for (let row = 0; row < 10_000; row += 1) event('x'.repeat(1_000));
    }),
  ).toThrow(full);
  expect(count()).toBe(0);
  while (event('x'.repeat(100_000)) === 1 && count() < 15);
  expect(() => event('x'.repeat(1_000_000))).toThrow(full);
  expect(count()).toBe(15);
  expect(database.run('DELETE FROM events')).toBe(15);
  expect(event('x'.repeat(1_000_000))).toBe(1);
});

test('it is made anew when it is used up, once there is room, and only then', () => {
  keepDatabaseRoom(database);
  const size = (): number => database.get<{ page_count: number }>('PRAGMA page_count')!.page_count;
  const before = size();
  expect(keepDatabaseRoom(database)).toBe(true);
  expect(size()).toBe(before);
  fix();
  event('x'.repeat(1_500_000));
  expect(keepDatabaseRoom(database)).toBe(false);
  release();
  expect(keepDatabaseRoom(database)).toBe(true);
  expect(size()).toBeGreaterThan(before);
  expect(database.get('PRAGMA quick_check')).toEqual({ quick_check: 'ok' });
});

test('what a Max that was killed amid it has left does not stand in the way of the next', () => {
  database.exec('CREATE TABLE room (bytes BLOB)');
  expect(keepDatabaseRoom(database)).toBe(true);
  expect(database.get("SELECT 1 FROM sqlite_master WHERE name = 'room'")).toBeUndefined();
});
