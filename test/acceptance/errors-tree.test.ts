import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTree } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigOk } from '../support/rig.ts';
import { createHomeOf, permissionsUntestable, plainUser } from '../support/user.ts';

let max: RunningMax;

beforeAll(async () => {
  max = await startMax();
  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', 'api.shop']);
});
afterAll(() => max.stop());

describe('the folder to deploy', () => {
  const deploying = (path: string): string[] => ['deploy', path, '--app', 'api.shop'];

  test('is not there, or is a file', async () => {
    await expectFailure(max.home, deploying('nowhere'), {
      code: 'RIG_PATH_NOT_FOUND',
      exitCode: 3,
      message: /nowhere/,
      hint: /rig deploy PATH/,
    });
    await writeFile(join(max.home.dir, 'file'), '');
    await expectFailure(max.home, deploying('file'), {
      code: 'RIG_PATH_NOT_FOLDER',
      exitCode: 2,
      message: /file/,
      hint: /rig deploy PATH/,
    });
  });

  test('is empty, or all of it is ignored', async () => {
    await mkdir(join(max.home.dir, 'empty', 'folder'), { recursive: true });
    await expectFailure(max.home, deploying('empty'), {
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: /empty/,
      hint: /rig deploy PATH/,
    });
    await writeTree(join(max.home.dir, 'ignored'), { '.env': 'SECRET=1', 'node_modules/x.js': '' });
    await expectFailure(max.home, deploying('ignored'), {
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: /ignored/,
      hint: /\.env/,
    });
  });

  test('has a symlink that leads out of it', async () => {
    const dir = await writeTree(join(max.home.dir, 'linked'), { 'index.html': 'x' });
    await symlink('/etc/passwd', join(dir, 'passwd'));
    const failure = { code: 'RIG_SYMLINK_ESCAPES', exitCode: 1, message: /passwd.*\/etc\/passwd/, hint: /\.rigignore/ };
    await expectFailure(max.home, deploying('linked'), failure);
    await writeFile(join(dir, '.rigignore'), 'passwd\n');
    await rigOk(max.home, deploying('linked').concat('--dry-run'));
  });

  test.skipIf(permissionsUntestable())('has a file, or a folder, that cannot be read', async () => {
    const user = plainUser();
    const home = createHomeOf(user, { RIG_SERVER: max.url, RIG_TOKEN: max.token });
    try {
      const dir = await writeTree(join(home.dir, 'tree'), {
        'index.html': 'x',
        'private/key.txt': 'x',
        'locked/a.txt': 'x',
      });
      await chmod(home.dir, 0o755);
      await chmod(join(dir, 'private', 'key.txt'), 0o000);
      const failure = {
        code: 'RIG_UNREADABLE',
        exitCode: 1,
        message: /private\/key\.txt: you are not allowed/,
        hint: /\.rigignore/,
      };
      await expectFailure(home, deploying('tree'), failure, { user });
      await chmod(join(dir, 'private', 'key.txt'), 0o644);
      await chmod(join(dir, 'locked'), 0o000);
      await expectFailure(home, deploying('tree'), { ...failure, message: /locked: you are not allowed/ }, { user });
      await chmod(join(dir, 'locked'), 0o755);
    } finally {
      await home.remove();
    }
  });

  test('has nothing that Max can build', async () => {
    await writeTree(join(max.home.dir, 'odd'), { 'notes.txt': 'x' });
    const error = await expectFailure(max.home, deploying('odd'), {
      code: 'RIG_NO_BUILDER',
      exitCode: 1,
      message: /api\.shop/,
      hint: /rig deploy PATH/,
    });
    expect([error.message, ...(error.lines ?? [])].join('\n')).toMatch(/package\.json[\s\S]*index\.html/);
  });
});
