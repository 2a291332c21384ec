import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHome, type Home } from '../support/home.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';

let home: Home;
beforeEach(() => {
  home = createHome();
});
afterEach(() => home.remove());

const lastError = (stderr: string): { code: string; message: string; hint?: string } =>
  JSON.parse(stderr.trim().split('\n').at(-1) ?? '');

describe('a linked plugin', () => {
  test('adds a command, its help and a suggestion, and takes them away again', async () => {
    const dir = await makePlugin(home, 'greet', oneCommand('greet', "return { text: 'hi' };"));
    expect((await rig(home, ['greet'])).exitCode).toBe(2);
    await rigOk(home, ['plugins', 'link', dir]);
    expect((await rigOk(home, ['greet'])).stdout).toBe('hi\n');
    expect((await rigOk(home, ['greet', '--help'])).stdout).toContain('The command of greet');
    expect((await rigOk(home, ['--help'])).stdout).toContain('rig greet');
    expect((await rig(home, ['gret'])).stderr).toContain('rig greet');
    expect(await rigJson(home, ['plugins', 'list'])).toContainEqual({
      name: 'greet',
      version: '1.2.3',
      source: dir,
      state: 'ok',
      commands: ['greet'],
    });
    expect((await rig(home, ['--no-plugins', 'greet'])).exitCode).toBe(2);
    await rigOk(home, ['plugins', 'unlink', 'greet']);
    expect((await rig(home, ['greet'])).exitCode).toBe(2);
    expect((await rigOk(home, ['--help'])).stdout).not.toContain('rig greet');
  });

  test('whose manifest is written anew has its new command at once', async () => {
    const dir = await makePlugin(home, 'first', oneCommand('first', "return { text: '1' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await makePlugin(
      home,
      'first',
      oneCommand('first', "return { text: '2' };").replace("[['first']]", "[['first'], ['second']]"),
    );
    expect((await rigOk(home, ['second'])).stdout).toBe('2\n');
    expect((await rigOk(home, ['second', '--help'])).stdout).toContain('rig second');
  });

  test('whose new command is only asked about does not run it', async () => {
    const dir = await makePlugin(home, 'first', oneCommand('first', "return { text: 'RAN' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    // As with a git pull: rig was not told.
    const manifest = join(dir, 'rig.manifest.json');
    await writeFile(
      manifest,
      (await readFile(manifest, 'utf8'))
        .replaceAll('"first"', '"second"')
        .replace(/"name": "second"/, '"name": "first"'),
    );
    const { stdout } = await rigOk(home, ['second', '--help']);
    expect(stdout).toContain('rig second');
    expect(stdout).not.toContain('RAN');
  });

  test('whose help is gone is not run in place of it', async () => {
    const dir = await makePlugin(home, 'quiet', oneCommand('quiet', "return { text: 'RAN' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    const indexes = join(home.dir, 'data', 'rig', 'plugins', 'indexes');
    const [folder = ''] = await readdir(indexes);
    await rm(join(indexes, folder, 'help'), { recursive: true });
    const { exitCode, stdout, stderr } = await rig(home, ['quiet', '--help']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('RIG_NOT_BUILT');
  });

  test('that was mended works at once, whatever was mended', async () => {
    const dir = await makePlugin(home, 'ill', oneCommand('ill', "return { text: 'well' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await rename(join(dir, 'dist'), join(dir, 'away'));
    await writeFile(join(dir, 'rig.manifest.json'), `${await readFile(join(dir, 'rig.manifest.json'), 'utf8')}\n`);
    // A word that nobody knows makes rig look at the manifest again, and find the plugin broken.
    await rig(home, ['nothing-of-that-name']);
    expect((await rig(home, ['ill'])).stderr).toContain('RIG_PLUGIN_NOT_BUILT');
    await rename(join(dir, 'away'), join(dir, 'dist'));
    expect((await rigOk(home, ['ill'])).stdout).toBe('well\n');
  });

  test('whose manifest claims a path of another later on does not get it', async () => {
    const dir = await makePlugin(home, 'later', oneCommand('later', "return { text: 'taken' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await makePlugin(
      home,
      'later',
      oneCommand('later', "return { text: 'taken' };").replace("[['later']]", "[['later'], ['config', 'list']]"),
    );
    expect((await rigOk(home, ['config', 'list'])).stdout).toContain('KEY');
    expect((await rigOk(home, ['later'])).stdout).toBe('taken\n');
    expect(await rigJson(home, ['plugins', 'list'])).toContainEqual(
      expect.objectContaining({ name: 'later', state: 'without "rig config list": another plugin has it' }),
    );
  });

  test('that waits for what can never come is told, and not taken for a success', async () => {
    const dir = await makePlugin(home, 'stuck', oneCommand('stuck', 'return new Promise(() => {});'));
    await rigOk(home, ['plugins', 'link', dir]);
    const { exitCode, stdout, stderr } = await rig(home, ['stuck', '-o', 'json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(lastError(stderr)).toMatchObject({ code: 'RIG_STUCK', message: expect.stringContaining('rig stuck') });
  });

  test('that fails where nobody waits for it ends as any other failure', async () => {
    const dir = await makePlugin(
      home,
      'loose',
      oneCommand('loose', "void Promise.reject(new Error('lost')); return new Promise((r) => setTimeout(r, 1e6));"),
    );
    await rigOk(home, ['plugins', 'link', dir]);
    const { exitCode, stdout, stderr } = await rig(home, ['loose']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^error: internal error: lost \(RIG_INTERNAL\)$/m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('that throws on import fails its own commands alone, with 8', async () => {
    const dir = await makePlugin(home, 'broken', oneCommand('broken', "return { text: '' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await writeFile(join(dir, 'dist', 'index.js'), "throw new TypeError('it was built on a bad day');\n");
    const { exitCode, stdout, stderr } = await rig(home, ['broken', '-o', 'json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 8, stdout: '' });
    expect(lastError(stderr)).toMatchObject({
      code: 'RIG_PLUGIN_FAILED',
      message: expect.stringContaining('it was built on a bad day'),
      hint: expect.stringContaining('rig plugins unlink broken'),
    });
    await rigOk(home, ['config', 'list']);
  });

  test('with a top-level await loads, and one that never settles is given up', async () => {
    const dir = await makePlugin(
      home,
      'later',
      `await new Promise((resolve) => setTimeout(resolve, 1));\n${oneCommand('later', "return { text: 'now' };")}`,
    );
    await rigOk(home, ['plugins', 'link', dir]);
    expect((await rigOk(home, ['later'])).stdout).toBe('now\n');
    const source = await readFile(join(dir, 'dist', 'index.js'), 'utf8');
    await writeFile(
      join(dir, 'dist', 'index.js'),
      `await new Promise((resolve) => setTimeout(resolve, 1e9));\n${source}`,
    );
    const { exitCode, stderr } = await rig(home, ['later']);
    expect(exitCode).toBe(8);
    expect(stderr).toContain('did not settle');
  });

  test('whose folder is gone keeps its command, which says so', async () => {
    const dir = await makePlugin(home, 'gone', oneCommand('gone', "return { text: '' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await rm(dir, { recursive: true });
    expect((await rig(home, ['gone'])).exitCode).toBe(8);
    await rigOk(home, ['plugins', 'unlink', 'gone']);
  });

  test('cannot take a path that is taken, unless it is told to', async () => {
    const dir = await makePlugin(
      home,
      'mine',
      oneCommand('mine', "return { text: 'mine' };").replace("[['mine']]", "[['list', 'apps']]"),
    );
    const refused = await rig(home, ['plugins', 'link', dir, '-o', 'json']);
    expect(refused.exitCode).toBe(5);
    expect(lastError(refused.stderr)).toMatchObject({
      code: 'RIG_PATH_TAKEN',
      message: expect.stringContaining('"resources"'),
    });
    await rigOk(home, ['plugins', 'link', dir, '--override']);
    expect((await rigOk(home, ['list', 'apps'])).stdout).toBe('mine\n');
    await rigOk(home, ['plugins', 'unlink', 'mine']);
    expect((await rig(home, ['list', 'apps'])).stdout).not.toBe('mine\n');
  });

  test('that uses what it has not declared is refused, and told the line to add', async () => {
    const dir = await makePlugin(home, 'sneaky', oneCommand('sneaky', 'await services.http(); return { text: "" };'));
    await rigOk(home, ['plugins', 'link', dir]);
    const { exitCode, stderr } = await rig(home, ['sneaky']);
    expect(exitCode).toBe(8);
    expect(stderr).toContain('RIG_PERMISSION');
    expect(stderr).toContain("permissions: ['http']");
  });

  test('may tap a hook; one that throws only warns, and cannot keep itself from being unlinked', async () => {
    const dir = await makePlugin(
      home,
      'tapper',
      oneCommand(
        'tapper',
        "return { text: 'done' };",
        "taps: [on(commandFinished, () => { throw new Error('no luck'); })],",
      ),
    );
    await rigOk(home, ['plugins', 'link', dir]);
    const { exitCode, stdout, stderr } = await rig(home, ['tapper']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'done\n' });
    expect(stderr).toMatch(/"tapper" failed in the hook command:finished after \d+ ms: no luck/);
    expect((await rig(home, ['tapper', '--trace'])).stderr).toMatch(/hook command:finished: tapper/);
    expect((await rigOk(home, ['plugins', 'unlink', 'tapper'])).stderr).not.toContain('no luck');
  });

  test('that cannot close itself only warns', async () => {
    const dispose = "dispose() { throw new Error('stuck fast'); },";
    await rigOk(home, [
      'plugins',
      'link',
      await makePlugin(home, 'closer', oneCommand('closer', "return { text: 'done' };", dispose)),
    ]);
    const { exitCode, stdout, stderr } = await rig(home, ['closer', '-o', 'json']);
    expect({ exitCode, stdout: JSON.parse(stdout) }).toEqual({ exitCode: 0, stdout: { text: 'done' } });
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'warning',
      code: 'RIG_DISPOSE_FAILED',
      message: expect.stringContaining('"closer" failed to close: stuck fast'),
    });
  });

  test('has a setting of its own, read from every layer', async () => {
    const dir = await makePlugin(
      home,
      'set',
      oneCommand(
        'set',
        "return { text: (await services.config()).get('set.word') };",
        "settings: { word: { type: 'string', description: 'A word', default: 'default' } },",
      ),
    );
    await rigOk(home, ['plugins', 'link', dir]);
    expect((await rigOk(home, ['set'])).stdout).toBe('default\n');
    await rigOk(home, ['config', 'set', 'set.word', 'user']);
    expect((await rigOk(home, ['set'])).stdout).toBe('user\n');
    expect((await rigOk(home, ['set'], { env: { RIG_SET_WORD: 'environment' } })).stdout).toBe('environment\n');
  });
});

describe('what is no plugin', () => {
  test.each([
    ['an empty folder', {}, 'RIG_NO_PLUGIN'],
    ['a folder that was not built', { 'package.json': '{}' }, 'RIG_PLUGIN_NOT_BUILT'],
    ['a manifest that is not JSON', { 'rig.manifest.json': '{' }, 'RIG_MANIFEST_INVALID'],
    ['a manifest of another major', { 'rig.manifest.json': '{"api":"2.0.0"}' }, 'RIG_API_VERSION'],
    [
      'a manifest that leads out of its folder',
      {
        'rig.manifest.json': JSON.stringify({
          api: '1.0.0',
          name: 'x',
          version: '1.0.0',
          entry: '../x.js',
          commands: [],
          taps: [],
          permissions: [],
          settings: {},
        }),
      },
      'RIG_MANIFEST_INVALID',
    ],
    [
      'a manifest with a permission that does not exist',
      {
        'rig.manifest.json': JSON.stringify({
          api: '1.0.0',
          name: 'x',
          version: '1.0.0',
          entry: 'x.js',
          commands: [],
          taps: [],
          permissions: ['root'],
          settings: {},
        }),
      },
      'RIG_MANIFEST_INVALID',
    ],
  ] as Array<[string, Record<string, string>, string]>)('%s is refused', async (_, files, code) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(home.dir, name), text);
    const { exitCode, stdout, stderr } = await rig(home, ['plugins', 'link', home.dir, '-o', 'json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 8, stdout: '' });
    expect(lastError(stderr).code).toBe(code);
  });

  test('a damaged registry is told, and rig --no-plugins works on', async () => {
    const dir = await makePlugin(home, 'fine', oneCommand('fine', "return { text: '' };"));
    await rigOk(home, ['plugins', 'link', dir]);
    await writeFile(join(home.dir, 'data', 'rig', 'plugins', 'plugins.json'), '{');
    const { exitCode, stderr } = await rig(home, ['plugins', 'list']);
    expect(exitCode).toBe(8);
    expect(stderr).toContain('RIG_REGISTRY_INVALID');
    await rigOk(home, ['--no-plugins', 'config', 'list']);
  });
});
