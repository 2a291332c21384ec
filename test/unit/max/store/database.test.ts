import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isDuplicate, openDatabase } from '../../../../plugins/max/src/store/database.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-db-'));
  file = join(dir, 'max.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const first = { version: 1, sql: 'CREATE TABLE a (x INTEGER UNIQUE) STRICT; INSERT INTO a VALUES (1);' };

describe('opening', () => {
  test('applies what is new, once', () => {
    openDatabase(file, [first]).close();
    const database = openDatabase(file, [first, { version: 2, sql: 'ALTER TABLE a ADD COLUMN y INTEGER;' }]);
    expect(database.all('SELECT x, y FROM a')).toEqual([{ x: 1, y: null }]);
    expect(database.get('PRAGMA user_version')).toMatchObject({ user_version: 2 });
    database.close();
  });

  test('takes back a step that fails half way, and what was there stays', () => {
    openDatabase(file, [first]).close();
    const broken = { version: 2, sql: 'INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);' };
    expect(() => openDatabase(file, [first, broken])).toThrow('nowhere');
    const database = openDatabase(file, [first]);
    expect(database.all('SELECT x FROM a')).toEqual([{ x: 1 }]);
    database.close();
  });

  test('refuses the database of a newer Max and leaves it as it is', () => {
    openDatabase(file, [first, { version: 7, sql: 'SELECT 1;' }]).close();
    const before = readFileSync(file);
    expect(() => openDatabase(file, [first])).toThrow(
      expect.objectContaining({ code: 'RIG_DATABASE_NEWER', message: expect.stringMatching(/format 7.*up to 1/) }),
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('refuses what is no database and leaves it as it is', () => {
    writeFileSync(file, 'this is no database, however long it is. '.repeat(200));
    const before = readFileSync(file);
    expect(() => openDatabase(file)).toThrow(
      expect.objectContaining({ code: 'RIG_DATABASE_UNREADABLE', hint: expect.stringContaining('rig max reset') }),
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('refuses a damaged database', () => {
    const database = openDatabase(file);
    for (let i = 0; i < 500; i += 1)
      database.run("INSERT INTO events (at, type, text) VALUES ('now', 'x', ?)", ['y'.repeat(500)]);
    database.close();
    const bytes = readFileSync(file);
    bytes.fill(0xab, 8192, bytes.length - 4096);
    writeFileSync(file, bytes);
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'RIG_DATABASE_UNREADABLE' }));
  });

  test('says that a folder cannot be used, not that the database is damaged', () => {
    expect(() => openDatabase(join(dir, 'none', 'max.db'))).toThrow(expect.objectContaining({ code: 'RIG_STATE_DIR' }));
  });
});

describe('a transaction', () => {
  test('holds as a whole or not at all, and tells of itself only once it holds', () => {
    const database = openDatabase(file, [first]);
    const told: string[] = [];
    expect(() =>
      database.transaction(() => {
        database.run('INSERT INTO a VALUES (2)');
        database.afterCommit(() => told.push('never'));
        throw new Error('no');
      }),
    ).toThrow('no');
    database.transaction(() => {
      database.transaction(() => database.run('INSERT INTO a VALUES (3)'));
      database.afterCommit(() => told.push('once'));
      expect(told).toEqual([]);
    });
    expect(told).toEqual(['once']);
    expect(database.all('SELECT x FROM a ORDER BY x')).toEqual([{ x: 1 }, { x: 3 }]);
    database.close();
  });

  test('stands when a task after it throws', () => {
    const database = openDatabase(file, [first]);
    const run = () =>
      database.transaction(() => {
        database.run('INSERT INTO a VALUES (2)');
        database.afterCommit(() => {
          throw new Error('late');
        });
      });
    expect(run).toThrow('late');
    expect(database.transaction(() => database.all('SELECT x FROM a'))).toHaveLength(2);
    database.close();
  });
});

test('a duplicate is told from other failures, and blobs come back as buffers', () => {
  const database = openDatabase(file, [{ version: 1, sql: 'CREATE TABLE b (x BLOB UNIQUE, y TEXT NOT NULL) STRICT;' }]);
  database.run('INSERT INTO b VALUES (?, ?)', [Buffer.from('hi'), 'y']);
  expect(database.get<{ x: Buffer }>('SELECT x FROM b')?.x).toEqual(Buffer.from('hi'));
  const failure = (params: Array<Buffer | string | null>): unknown => {
    try {
      return database.run('INSERT INTO b VALUES (?, ?)', params);
    } catch (error) {
      return error;
    }
  };
  expect(isDuplicate(failure([Buffer.from('hi'), 'z']))).toBe(true);
  expect(isDuplicate(failure([Buffer.from('ho'), null]))).toBe(false);
  database.close();
});
