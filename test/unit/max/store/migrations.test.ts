import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeploymentRows } from '../../../../plugins/max/src/deployments/deployment-rows.ts';
import { ReleaseRows } from '../../../../plugins/max/src/deployments/release-rows.ts';
import { Apps } from '../../../../plugins/max/src/store/apps.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { migrations } from '../../../../plugins/max/src/store/migrations/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-migrations-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('numbers of instances become formations, of apps and of a scale that is still queued', () => {
  const file = join(dir, 'max.db');
  const old = openDatabase(
    file,
    migrations.filter(({ version }) => version <= 6),
  );
  old.exec(`
    INSERT INTO users VALUES ('u', 'owner', '');
    INSERT INTO networks VALUES ('n', 'shop', 'u', '');
    INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES ('a', 'n', 'api', '', ''), ('b', 'n', 'one', '', '');
    INSERT INTO app_runtime (app_id, current_version, healthcheck, instances) VALUES ('a', 2, '/ok', 3), ('b', 1, NULL, 1);
    INSERT INTO deployments (id, app_id, kind, state, seq, upload_id, instances, created_at, updated_at)
      VALUES ('d', 'a', 'scale', 'queued', 1, '', 4, '', '');`);
  old.close();
  const database = openDatabase(file);
  const releases = new ReleaseRows(database);
  expect(releases.settings('a')).toMatchObject({
    currentVersion: 2,
    formation: { web: 3 },
    stopped: false,
  });
  expect(new Apps(database).byId('a')?.settings.healthcheck).toBe('/ok');
  expect(releases.settings('b')).toMatchObject({ currentVersion: 1, formation: {}, stopped: false });
  expect(new DeploymentRows(database).byId('d')).toMatchObject({ formation: '{"web":4}', stopped: 0 });
  database.close();
});

test('a release of before knows the upload that it was built from, as long as its build is known', () => {
  const file = join(dir, 'max.db');
  const old = openDatabase(
    file,
    migrations.filter(({ version }) => version <= 8),
  );
  old.exec(`
    INSERT INTO users VALUES ('u', 'owner', '');
    INSERT INTO networks VALUES ('n', 'shop', 'u', '');
    INSERT INTO apps (id, network_id, name, created_at, updated_at) VALUES ('a', 'n', 'api', '', '');
    INSERT INTO deployments (id, app_id, kind, state, seq, upload_id, created_at, updated_at)
      VALUES ('d', 'a', 'deploy', 'healthy', 4, 'upl_1', '', '');
    INSERT INTO builds (id, app_id, deployment_id, state, started_at) VALUES ('b', 'a', 'd', 'succeeded', '');
    INSERT INTO releases (id, app_id, version, deployment_id, build_id, builder, processes, files, bytes, digest, created_at)
      VALUES ('r1', 'a', 1, 'd', 'b', 'static', '{}', 1, 1, '', ''), ('r2', 'a', 2, 'd2', 'gone', 'static', '{}', 1, 1, '', '');`);
  old.close();
  const database = openDatabase(file);
  const releases = new ReleaseRows(database);
  expect([1, 2].map((version) => releases.byVersion('a', version)?.uploadId)).toEqual(['upl_1', '']);
  database.close();
});
