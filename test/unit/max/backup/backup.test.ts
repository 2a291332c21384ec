import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BackupOptions, backup } from '../../../../plugins/max/src/backup/backup.ts';
import { restore } from '../../../../plugins/max/src/backup/restore.ts';
import { type Database, openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { claimStateFolder } from '../../../../plugins/max/src/store/state-folder.ts';

let root: string;
let dir: string;
let file: string;
let database: Database;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'max-backup-'));
  dir = join(root, 'state');
  file = join(root, 'backup.tar.gz');
  mkdirSync(dir);
  database = openDatabase(join(dir, 'max.db'));
  write('max.key', 'k'.repeat(32));
  database.exec(
    `INSERT INTO users VALUES ('usr_a', 'ada', ''); INSERT INTO networks VALUES ('net_a', 'shop', 'usr_a', '')`,
  );
  for (const id of ['a', 'b']) {
    database.exec(
      `INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES ('app_${id}', 'net_a', '${id}', '', '')`,
    );
    addBuild(id, id);
    write(`apps/app_${id}/home/data`, id);
  }
});
afterEach(() => {
  database.close();
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

function addBuild(id: string, app: string): void {
  database.exec(`INSERT INTO builds (id, app_id, deployment_id, state, started_at)
    VALUES ('bld_${id}', 'app_${app}', 'dep_${id}', 'succeeded', '')`);
  write(`builds/bld_${id}/app/server.mjs`, id);
  write(`logs/builds/bld_${id}/0000000000000001.log`, '');
}

function dropBuild(id: string): void {
  rmSync(join(dir, `builds/bld_${id}`), { recursive: true });
  database.exec(`UPDATE builds SET kept = 0 WHERE id = 'bld_${id}'`);
}

const { signal } = new AbortController();
const run = (more: Partial<BackupOptions> = {}) =>
  backup({ dir, file, force: false, version: '0', signal, onProgress: () => undefined, ...more });

/** Calls back once, when the first file was read. */
const amid = (task: () => void): Partial<BackupOptions> => {
  let pending: (() => void) | undefined = task;
  return {
    onProgress: () => {
      pending?.();
      pending = undefined;
    },
  };
};

async function restored(): Promise<{ at: string; ids(sql: string): string[] }> {
  const at = join(root, 'restored');
  await restore({ dir: at, file, signal, onProgress: () => undefined });
  return {
    at,
    ids: (sql) => {
      const copy = openDatabase(join(at, 'max.db'));
      const found = copy.all<{ id: string }>(sql).map(({ id }) => id);
      copy.close();
      return found;
    },
  };
}

test('an app that is deleted amid a backup is not in it, and nothing of it is restored', async () => {
  await run(
    amid(() => {
      database.exec("DELETE FROM apps WHERE id = 'app_a'");
      for (const path of ['builds/bld_a', 'apps/app_a']) rmSync(join(dir, path), { recursive: true });
    }),
  );
  const { at, ids } = await restored();
  expect(ids('SELECT id FROM apps')).toEqual(['app_b']);
  expect([readdirSync(join(at, 'builds')), readdirSync(join(at, 'apps'))]).toEqual([['bld_b'], ['app_b']]);
});

test('a build that takes the place of another amid a backup is in it', async () => {
  await run(
    amid(() => {
      addBuild('c', 'b');
      dropBuild('b');
    }),
  );
  const { at, ids } = await restored();
  expect(ids('SELECT id FROM builds WHERE kept = 1 ORDER BY id')).toEqual(['bld_a', 'bld_c']);
  expect(readdirSync(join(at, 'builds')).sort()).toEqual(['bld_a', 'bld_c']);
});

test('what changes all the time makes no backup, and that is told', async () => {
  let next = 0;
  const work = run({
    onProgress: () => {
      // What was there goes with each file that is read, and something new comes.
      const [last] = database.all<{ id: string }>('SELECT id FROM builds WHERE kept = 1 ORDER BY number DESC LIMIT 1');
      dropBuild(last!.id.slice(4));
      addBuild(`n${'abcdefghijkmnpqrstuvwxyz'[next++ % 24]!.repeat(next)}`, 'b');
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'RIG_BACKUP_UNSETTLED' });
  expect(readdirSync(root)).toEqual(['state']);
});

test('a state that is reset amid a backup makes none', async () => {
  const work = run(amid(() => rmSync(join(dir, 'max.db'))));
  await expect(work).rejects.toMatchObject({ code: 'RIG_BACKUP_UNSETTLED' });
  expect(existsSync(file)).toBe(false);
});

test('a key that is gone makes none', async () => {
  rmSync(join(dir, 'max.key'));
  await expect(run()).rejects.toMatchObject({ code: 'RIG_BACKUP_READ' });
  expect(readdirSync(root)).toEqual(['state']);
});

test('processes of instances do not come along', async () => {
  database.exec(
    "INSERT INTO instances (id, app_id, name, version, pid, identity) VALUES ('ins_a', 'app_a', 'web.1', 1, 1, 'x')",
  );
  await run();
  expect((await restored()).ids('SELECT id FROM instances')).toEqual([]);
  expect(database.all('SELECT id FROM instances')).toHaveLength(1);
});

test('builds that were not there in the first place, or did not succeed, are told as gone', async () => {
  database.exec("UPDATE builds SET state = 'failed' WHERE id = 'bld_a'");
  await run();
  const { at, ids } = await restored();
  expect(ids('SELECT id FROM builds WHERE kept = 1')).toEqual(['bld_b']);
  expect(readdirSync(join(at, 'builds'))).toEqual(['bld_b']);
});

test('a log of which retention drops the oldest lines amid a backup has no hole in it', async () => {
  const log = (first: number): string => `logs/apps/app_b/${String(first).padStart(16, '0')}.log`;
  for (const first of [1, 101]) write(log(first), '');
  write(log(201), 'x'.repeat(5_000_000));
  await run({
    onProgress: (bytes) => {
      if (bytes < 5_000_000 || existsSync(join(dir, log(151)))) return;
      for (const first of [1, 101]) rmSync(join(dir, log(first)));
      write(log(151), '');
    },
  });
  const { at } = await restored();
  const names = readdirSync(join(at, dirname(log(1)))).map((name) => Number(name.slice(0, 16)));
  expect(names.sort()).toEqual([151, 201]);
});

test('a restore that fails amid its renames loses neither state, and whoever claims the folder next ends it', async () => {
  await run();
  write('apps/app_a/home/data', 'newer');
  const obstacle = join(dir, 'replaced/max.key');
  const onProgress = (): void => void mkdirSync(join(obstacle, 'x'), { recursive: true });
  await expect(restore({ dir, file, signal, onProgress })).rejects.toMatchObject({ code: 'RIG_STATE_DIR' });
  for (const state of ['restored', 'replaced']) expect(existsSync(join(dir, state, 'max.db'))).toBe(true);
  rmSync(obstacle, { recursive: true });
  claimStateFolder(dir).release();
  expect(readFileSync(join(dir, 'apps/app_a/home/data'), 'utf8')).toBe('a');
  expect(readFileSync(join(dir, 'replaced/apps/app_a/home/data'), 'utf8')).toBe('newer');
});
