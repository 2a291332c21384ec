import { createHash } from 'node:crypto';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { chunksOf } from '../../../../plugins/max/src/content/upload-contents.ts';
import { KEPT_SOURCES, type UploadRecord, Uploads } from '../../../../plugins/max/src/store/uploads.ts';
import { nodeApp, openRuntime, type RuntimeKit } from './kit.ts';

let kit: RuntimeKit;
beforeEach(async () => {
  kit = await openRuntime();
});
afterEach(() => kit.remove());

/** Makes everything that was sent so far weeks old. */
function age(): void {
  kit.database.run("UPDATE uploads SET expires_at = '2020-01-02', created_at = '2020-01-01T' || printf('%06d', rowid)");
  const content = join(kit.dir, 'content');
  for (const folder of readdirSync(content).filter((name) => name.length === 2))
    for (const name of readdirSync(join(content, folder))) utimesSync(join(content, folder, name), 1, 1);
}

/** What Max does each hour. */
async function clean(): Promise<void> {
  const uploads = new Uploads(kit.database);
  uploads.removeExpired();
  await new ContentStore(join(kit.dir, 'content')).collect(function* () {
    for (const upload of uploads.kept()) yield [...chunksOf(upload)].map((chunk) => chunk.digest);
  });
}

/** A release as a deployment makes it, of a tree of one file. */
async function release(version: number): Promise<UploadRecord> {
  const upload = await kit.upload(kit.app(), { 'index.html': `tree ${version}` });
  kit.database.run(
    `INSERT INTO releases (id, app_id, version, deployment_id, build_id, upload_id, builder, processes, files, bytes, digest, created_at)
      VALUES (?, ?, ?, 'dep', 'bld', ?, 'static', '{}', 1, 1, 'd', 'now')`,
    [`rel_${version}`, kit.app().id, version, upload.id],
  );
  return upload;
}

const isThere = (text: string): boolean => {
  const digest = createHash('sha256').update(text).digest('hex');
  return existsSync(join(kit.dir, 'content', digest.slice(0, 2), digest));
};

test('the sources of the newest releases and of the one that serves stay, and what nothing names goes', async () => {
  expect((await kit.deploy(kit.app(), { 'index.html': 'serves' })).state).toBe('healthy');
  await kit.upload(kit.app(), { 'index.html': 'never deployed' });
  for (let version = 2; version <= KEPT_SOURCES + 3; version += 1) await release(version);
  // An old source that a rollback has made the newest.
  kit.database.run(
    `UPDATE releases SET upload_id = (SELECT upload_id FROM releases WHERE version = 2) WHERE version = ?`,
    [KEPT_SOURCES + 3],
  );
  await kit.upload(kit.app('other'), { 'index.html': 'the newest of another app' });
  age();
  await clean();
  const kept = Array.from({ length: KEPT_SOURCES + 3 }, (_, index) => index + 1).filter((n) => isThere(`tree ${n}`));
  expect(kept[0]).toBe(2);
  // v23 has the tree of v2; of the others v4 to v22 are the newest nineteen; the tree that was sent last stays for the next deploy.
  expect(kept.slice(1)).toEqual(Array.from({ length: KEPT_SOURCES }, (_, index) => index + 4));
  expect([isThere('serves'), isThere('never deployed'), isThere('the newest of another app')]).toEqual([
    true,
    false,
    true,
  ]);
});

test('a release can be built from its source after the content was swept', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) await kit.deploy(kit.app(), nodeApp(name));
  age();
  await clean();
  const done = await kit.settled(kit.app(), kit.runtime.rollback(kit.app(), 1).id);
  expect(done.state).toBe('healthy');
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
});

test('what a deployment waits with is not swept, however old', async () => {
  const upload = await kit.upload(kit.app(), { 'index.html': 'waiting' });
  await kit.upload(kit.app(), { 'index.html': 'newer' });
  kit.database.run(
    `INSERT INTO deployments (id, app_id, kind, state, seq, upload_id, created_at, updated_at) VALUES ('dep_1', ?, 'deploy', 'queued', 1, ?, 'x', 'x')`,
    [kit.app().id, upload.id],
  );
  age();
  await clean();
  expect(isThere('waiting')).toBe(true);
  kit.database.run("UPDATE deployments SET state = 'cancelled'");
});
