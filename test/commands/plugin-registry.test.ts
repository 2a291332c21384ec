import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectFailure } from '../support/failure.ts';
import { createHome, type Home } from '../support/home.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import { permissionsUntestable, plainUser } from '../support/user.ts';

let home: Home;
beforeEach(() => {
  home = createHome();
});
afterEach(() => home.remove());

const lastError = (stderr: string): { code: string; message: string } =>
  JSON.parse(stderr.trim().split('\n').at(-1) ?? '');

describe('the list of plugins', () => {
  test('keeps every plugin of several rigs that link at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `at-once-${name}`);
    const dirs = await Promise.all(names.map((name) => bareManifest(name)));
    await Promise.all(dirs.map((dir) => rigOk(home, ['plugins', 'link', dir])));
    const listed = await rigJson<Array<{ name: string }>>(home, ['plugins', 'list']);
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const { stdout } = await rigOk(home, ['--help']);
    for (const name of names) expect(stdout).toContain(`rig ${name}`);
  });

  test('refuses two folders of one name in one command line, and links neither', async () => {
    const dirs = [await bareManifest('twin', 'one'), await bareManifest('twin', 'two')];
    const { exitCode, stderr } = await rig(home, ['plugins', 'link', ...dirs, '-o', 'json']);
    expect(exitCode).toBe(5);
    expect(lastError(stderr)).toMatchObject({ code: 'RIG_PLUGIN_NAME_TAKEN' });
    for (const dir of dirs) expect(lastError(stderr).message).toContain(dir);
    const unlinked = await rig(home, ['plugins', 'unlink', 'twin', '-o', 'json']);
    expect(unlinked.exitCode).toBe(3);
    expect(lastError(unlinked.stderr)).toMatchObject({ code: 'RIG_PLUGIN_NOT_FOUND', hint: 'rig plugins list' });
  });

  test('has no plugin that nobody linked, whatever its name', async () => {
    expect((await rig(home, ['plugins', 'unlink', 'constructor'])).exitCode).toBe(3);
    expect((await rig(home, ['toString'])).stderr).toContain('RIG_UNKNOWN_COMMAND');
  });

  test('of another build is made anew', async () => {
    await rigOk(home, ['plugins', 'link', await bareManifest('kept')]);
    const current = await fromAnotherBuild();
    expect((await rig(home, ['kept'])).stderr).toContain('RIG_PLUGIN_FAILED');
    expect(await readFile(current, 'utf8')).not.toContain('another-build');
  });

  const untestable = permissionsUntestable();
  test.skipIf(untestable)(`serves where nothing may be written${untestable ? ` (${untestable})` : ''}`, async () => {
    await rigOk(home, ['plugins', 'link', await bareManifest('kept')]);
    const current = await fromAnotherBuild();
    const user = plainUser();
    // Everybody may read, and nobody but root may write.
    await chmod(home.dir, 0o755);
    for (const entry of await readdir(home.dir, { recursive: true })) await chmod(join(home.dir, entry), 0o555);
    try {
      const works = await rig(home, ['kept'], { user });
      expect(works).toMatchObject({ exitCode: 8, stderr: expect.stringContaining('RIG_PLUGIN_FAILED') });
      await expectFailure(
        home,
        ['plugins', 'unlink', 'kept'],
        { code: 'RIG_REGISTRY_WRITE', exitCode: 1, message: /EACCES/, hint: /ls -ld/ },
        { user },
      );
      expect(await readFile(current, 'utf8')).toContain('another-build');
    } finally {
      for (const entry of await readdir(home.dir, { recursive: true })) await chmod(join(home.dir, entry), 0o755);
    }
  });

  test('that was moved away takes the help of its plugins with it', async () => {
    await rigOk(home, ['plugins', 'link', await bareManifest('moved')]);
    const file = join(home.dir, 'data', 'rig', 'plugins', 'plugins.json');
    await rename(file, `${file}.broken`);
    expect((await rig(home, ['moved'])).exitCode).toBe(2);
    expect((await rig(home, ['moved', '--help'])).exitCode).toBe(2);
    expect((await rigOk(home, ['--help'])).stdout).not.toContain('rig moved');
  });

  /** Makes the index look as if another version of rig had written it; gives the pointer to it. */
  async function fromAnotherBuild(): Promise<string> {
    const current = join(home.dir, 'data', 'rig', 'plugins', 'current');
    await writeFile(current, (await readFile(current, 'utf8')).replace(/ .*/, ' another-build'));
    return current;
  }

  /** A plugin that is known by its manifest alone; its module is empty. */
  async function bareManifest(name: string, folder = name): Promise<string> {
    const dir = join(home.dir, 'bare', folder);
    await mkdir(join(dir, 'dist'), { recursive: true });
    await writeFile(join(dir, 'dist', 'index.js'), 'export default 1;\n');
    const command = { paths: [[name]], description: 'x', arguments: [], options: [], result: 'value' };
    await writeFile(
      join(dir, 'rig.manifest.json'),
      JSON.stringify({
        api: '1.0.0',
        name,
        version: '1.0.0',
        entry: 'dist/index.js',
        commands: [command],
        taps: [],
        permissions: [],
        settings: {},
      }),
    );
    return dir;
  }
});
