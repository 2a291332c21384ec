import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFailure, expectText } from '../support/failure.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMaxOf } from '../support/max.ts';
import { rig, rigOk } from '../support/rig.ts';
import { mountSmallDisk, type SmallDisk, smallDiskUntestable } from '../support/small-disk.ts';

const untestable = smallDiskUntestable();

describe.skipIf(untestable)(`rig's own files on a full disk${untestable ? ` (${untestable})` : ''}`, () => {
  let disk: SmallDisk;
  let max: RunningMax;
  beforeAll(async () => {
    const home = createHome();
    disk = await mountSmallDisk(home, 'own', 1024 * 1024);
    Object.assign(home.env, { XDG_CONFIG_HOME: join(disk.dir, 'config'), XDG_DATA_HOME: join(disk.dir, 'data') });
    max = await startMaxOf(home);
  });
  afterAll(async () => {
    disk.empty();
    await max.stop();
    await disk.remove();
  });

  /** Settings and the sign-in. */
  const files = (): Record<string, string> => {
    const paths = readdirSync(disk.seen, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const named = paths
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.endsWith('ballast'));
    return Object.fromEntries(named.map((path) => [path, readFileSync(path, 'utf8')]));
  };

  test('settings and the sign-in stay as they were, and can be changed once there is room', async () => {
    disk.fill();
    const before = files();
    expect(Object.keys(before).length).toBeGreaterThanOrEqual(2);
    await expectFailure(max.home, ['config', 'set', 'contexts.other.server', 'http://127.0.0.1:9'], {
      code: 'RIG_CONFIG_WRITE',
      exitCode: 1,
      message: /the settings in \S+ cannot be written: ENOSPC.*; nothing was changed/,
      hint: /make room on that disk, and try again/,
    });
    expectText(await rig(max.home, ['login', '--token-stdin'], { input: max.token }), {
      code: 'RIG_CREDENTIALS_WRITE',
      exitCode: 1,
      message: /ENOSPC/,
      hint: /make room/,
    });
    expect(files()).toEqual(before);
    await rigOk(max.home, ['whoami']);

    disk.empty();
    await rigOk(max.home, ['config', 'set', 'contexts.other.server', 'http://127.0.0.1:9']);
    await rigOk(max.home, ['login', '--token-stdin'], { input: max.token });
    await rigOk(max.home, ['whoami']);
    expect(files()).not.toEqual(before);
  });
});
