import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure, expectText } from '../support/failure.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMaxOf } from '../support/max.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import { mountSmallDisk, type SmallDisk, smallDiskUntestable } from '../support/small-disk.ts';

const untestable = smallDiskUntestable();

const FULL = {
  code: 'RIG_STORAGE_FULL',
  exitCode: 1,
  message: /the disk of \S+ has too little room: .* of \d+ MB are free, .*Max leaves \d.* free for its database/,
  hint: /make room on that disk \(rig delete app/,
};

describe.skipIf(untestable)(`a full disk${untestable ? ` (${untestable})` : ''}`, () => {
  let disk: SmallDisk;
  let max: RunningMax;
  let app: string;
  beforeAll(async () => {
    const home = createHome();
    disk = await mountSmallDisk(home, 'state');
    max = await startMaxOf(home);
    app = await writeNodeApp(join(home.dir, 'app'), answering('served'));
    await deploy(max, 'api.shop', app);
  });
  afterEach(() => {
    disk.empty();
    // Whatever failed, Max has not ended.
    process.kill(max.pid, 0);
  });
  afterAll(async () => {
    await max.stop();
    await disk.remove();
  });

  /** Sizes of the chunks that Max has, each read and compared with its name. */
  function keptChunks(): Map<string, number> {
    const content = join(disk.seen, 'rig', 'max', 'content');
    const found = new Map<string, number>();
    for (const folder of readdirSync(content).filter((name) => name.length === 2))
      for (const digest of readdirSync(join(content, folder))) {
        const bytes = readFileSync(join(content, folder, digest));
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
        found.set(digest, bytes.length);
      }
    expect(readdirSync(join(content, 'tmp'))).toEqual([]);
    return found;
  }

  test('an upload that it has no room for is refused before anything is sent', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'large'), answering('large'));
    await writeFile(join(dir, 'large.bin'), randomBytes(8_000_000));
    disk.fill(6_000_000);
    const before = keptChunks();
    await expectFailure(max.home, ['deploy', dir, '--app', 'api.shop'], {
      ...FULL,
      message: /too little room: 6\.0 MB of 50 MB are free, this needs 8\.0 MB, and Max leaves 2\.5 MB free/,
    });
    expect(keptChunks()).toEqual(before);
    expect((await askApp(max, 'api.shop')).body).toBe('served');
  });

  test('that fills amid an upload ends it; what arrived whole is kept, and the next deploy sends the rest', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'many'), answering('many'));
    // Each takes a page of the disk, far more than its bytes: the room that there is for the bytes does not do.
    for (let file = 0; file < 1_200; file += 1) await writeFile(join(dir, `${file}.bin`), randomBytes(100));
    const before = keptChunks();
    disk.fill(4_500_000);
    expectText(await rig(max.home, ['deploy', dir, '--app', 'many.shop', '--create']), FULL);
    const arrived = [...keptChunks()].filter(([digest]) => !before.has(digest)).map(([, size]) => size);
    expect(arrived.length).toBeGreaterThan(100);
    expect(arrived.length).toBeLessThan(1_200);
    disk.empty();
    const { bytes, sentBytes } = await deploy(max, 'many.shop', dir);
    expect(bytes - sentBytes).toBeGreaterThanOrEqual(arrived.reduce((sum, size) => sum + size, 0));
    expect(sentBytes).toBeGreaterThan(0);
    expect((await askApp(max, 'many.shop')).body).toBe('many');
    await rigOk(max.home, ['delete', 'app', 'many.shop', '--yes']);
  });

  test('takes nothing new into the database, while all that is there is served, read and deleted', async () => {
    await rigOk(max.home, ['create', 'network', 'spare']);
    disk.fill();
    for (const args of [
      ['create', 'network', 'new'],
      ['create', 'app', 'new.shop'],
      ['create', 'var', 'NEW=1', '--app', 'api.shop'],
      ['deploy', app, '--app', 'api.shop'],
    ])
      expectText(await rig(max.home, args), FULL);
    expect((await rigOk(max.home, ['list', 'networks', '-o', 'name'])).stdout).toBe('shop\nspare\n');
    expect((await rigOk(max.home, ['list', 'apps', '-o', 'name'])).stdout).toBe('api.shop\n');
    expect(await rigJson(max.home, ['list', 'vars', '--app', 'api.shop'])).toEqual([]);
    await rigOk(max.home, ['logs', 'app', 'api.shop', '--no-follow']);
    expect((await askApp(max, 'api.shop')).body).toBe('served');
    const status = await rigOk(max.home, ['max', 'status']);
    expect(status.stdout).toMatch(/^Disk +0 B of 50 MB are free: below 2\.5 MB Max takes nothing new/m);

    await rigOk(max.home, ['delete', 'network', 'spare', '--yes']);
    disk.empty();
    expect((await rigOk(max.home, ['list', 'networks', '-o', 'name'])).stdout).toBe('shop\n');
    await rigOk(max.home, ['create', 'var', 'NEW=1', '--app', 'api.shop']);
    expect((await rigOk(max.home, ['max', 'status'])).stdout).not.toContain('Disk');
  });

  test("has the app's deletion make room for the next", async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'heavy'), answering('heavy'));
    await writeFile(join(dir, 'heavy.bin'), randomBytes(6_000_000));
    await deploy(max, 'heavy.shop', dir);
    disk.fill();
    await rigOk(max.home, ['delete', 'app', 'heavy.shop', '--yes']);
    expect(disk.free()).toBeGreaterThan(5_000_000);
    await rigOk(max.home, ['create', 'app', 'light.shop']);
    await rigOk(max.home, ['delete', 'app', 'light.shop', '--yes']);
  });

  test('is told by rig max up; a Max that was killed on it comes back with all that it had acknowledged', async () => {
    await rigOk(max.home, ['create', 'network', 'before']);
    disk.fill();
    const running = await rigJson<{ instances: Array<{ pid: number }> }>(max.home, ['status', 'app', 'api.shop']);
    await rigOk(max.home, ['delete', 'network', 'before', '--yes']);
    process.kill(max.pid, 'SIGKILL');
    await expectFailure(max.home, ['max', 'up'], {
      code: 'RIG_STORAGE_FULL',
      exitCode: 1,
      message: /Max cannot keep its state: the disk of \S+ has no room left: .* of 50 MB are free/,
      hint: /make room on that disk, and try again/,
    });
    expect((await rig(max.home, ['max', 'status', '-o', 'name'])).stdout).toBe('stopped\n');
    disk.empty();
    max.pid = (await rigJson<{ pid: number }>(max.home, ['max', 'up'])).pid;
    expect((await rigOk(max.home, ['list', 'networks', '-o', 'name'])).stdout).toBe('shop\n');
    expect(await rigJson(max.home, ['status', 'app', 'api.shop'])).toMatchObject({
      app: { state: 'running' },
      instances: running.instances.map(({ pid }) => ({ pid, restarts: 0 })),
    });
    expect((await askApp(max, 'api.shop')).body).toBe('served');
  });

  test("is stopped on by rig max down, and the folder's marker, token and key stay whole", async () => {
    disk.fill();
    await rigOk(max.home, ['max', 'down']);
    disk.fill();
    expect((await rig(max.home, ['max', 'up'])).exitCode).toBe(1);
    disk.empty();
    max.pid = (await rigJson<{ pid: number }>(max.home, ['max', 'up'])).pid;
    expect((await rigOk(max.home, ['max', 'token', '-o', 'name'])).stdout.trim()).toBe(max.token);
    expect((await rigOk(max.home, ['list', 'apps', '-o', 'name'])).stdout).toBe('api.shop\n');
  });
});
