import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, type Deployed, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

const folder = (name: string): string => join(max.home.dir, 'apps', name);

/** A build that takes long enough to be met in the middle of it, and ends when its file is there. */
const waitingBuild = (dir: string): string => `echo waiting; until [ -e '${dir}.go' ]; do sleep 0.1; done; echo going`;

describe('rig deploy', () => {
  test('shows target, progress, phases and the build log on stderr, release and URL on stdout', async () => {
    const dir = await writeNodeApp(folder('shown'), answering('hi'), { build: 'echo from the build' });
    const { stdout, stderr } = await rigOk(max.home, ['deploy', dir, '--app', 'shown.fresh', '--create']);
    expect(stderr).toContain(`app shown.fresh on local (${max.url}), by --app`);
    expect(stderr).toContain('Created network fresh');
    expect(stderr).toContain('Created app shown.fresh');
    expect(stderr).toContain('Uploading');
    expect(stderr).toContain('from the build');
    expect(stderr.indexOf('from the build')).toBeLessThan(stderr.indexOf('Releasing'));
    expect(stdout).toMatch(/^release +v1$/m);
    expect(stdout).toContain(`http://shown.fresh.localhost:${max.port}`);
    expect(stdout).not.toContain('from the build');
    expect((await askApp(max, 'shown.fresh')).body).toBe('hi');
  });

  test('--create writes app and network to the project file, keeping what is in it', async () => {
    const dir = await writeNodeApp(folder('remembered'), answering('hi'));
    await writeFile(join(dir, '.rigrc'), '{ "output": "table" }\n');
    await deploy(max, 'remembered.one', dir);
    expect(JSON.parse(readFileSync(join(dir, '.rigrc'), 'utf8'))).toEqual({
      output: 'table',
      app: 'remembered',
      network: 'one',
    });
    const again = await rig(max.home, ['deploy'], { cwd: dir });
    expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Max has every file already') });
  });

  test('keeps modes, symlinks and empty folders', async () => {
    const dir = await writeNodeApp(
      folder('kept'),
      `import { createServer } from 'node:http';
import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
const facts = { link: readlinkSync('link.txt'), empty: readdirSync('empty'), mode: statSync('run.sh').mode & 0o111, kind: lstatSync('link.txt').isSymbolicLink() };
createServer((request, response) => response.end(JSON.stringify(facts))).listen(process.env.PORT);
process.once('SIGTERM', () => process.exit(0));
`,
    );
    await writeTree(dir, { 'target.txt': 'x', 'run.sh': '#!/bin/sh\n' });
    execFileSync('chmod', ['755', join(dir, 'run.sh')]);
    symlinkSync('target.txt', join(dir, 'link.txt'));
    mkdirSync(join(dir, 'empty'));
    await deploy(max, 'kept.one', dir);
    expect(JSON.parse((await askApp(max, 'kept.one')).body)).toEqual({
      link: 'target.txt',
      empty: [],
      mode: 0o111,
      kind: true,
    });
  });

  test('--dry-run says what would go up and changes nothing', async () => {
    const dir = await writeNodeApp(folder('dry'), answering('hi'));
    const args = ['deploy', dir, '--app', 'dry.notyet', '--dry-run'];
    await expectFailure(max.home, args, {
      code: 'RIG_NETWORK_NOT_FOUND',
      exitCode: 3,
      message: /notyet/,
      hint: /--create/,
    });
    const plan = await rigJson(max.home, [...args, '--create']);
    expect(plan).toMatchObject({
      dryRun: true,
      files: 2,
      missing: { files: 2, paths: ['package.json', 'server.mjs'] },
    });
    const networks = await rigJson<Array<{ name: string }>>(max.home, ['list', 'networks']);
    expect(networks.map(({ name }) => name)).not.toContain('notyet');

    await deploy(max, 'dry.one', dir);
    await writeFile(join(dir, 'new.txt'), 'new');
    const next = await rigJson(max.home, ['deploy', dir, '--app', 'dry.one', '--dry-run']);
    expect(next).toMatchObject({ missing: { files: 1, bytes: 3, paths: ['new.txt'] } });
    expect(await rigJson(max.home, ['list', 'releases', '--app', 'dry.one'])).toHaveLength(1);
  });

  test('a pipe in the tree is left out and named', async () => {
    const dir = await writeNodeApp(folder('pipe'), answering('hi'));
    execFileSync('mkfifo', [join(dir, 'queue')]);
    const { stderr } = await rigOk(max.home, ['deploy', dir, '--app', 'pipe.one', '--create']);
    expect(stderr).toMatch(/queue.*\(RIG_SPECIAL_FILE\)/);
  });
});

describe('a folder that cannot be deployed', () => {
  beforeAll(() => rigOk(max.home, ['create', 'network', 'bad']));
  beforeAll(async () => void (await rig(max.home, ['create', 'app', 'app.bad'])));
  const to = ['--app', 'app.bad'];

  test('is not there', () =>
    expectFailure(max.home, ['deploy', 'nowhere', ...to], {
      code: 'RIG_PATH_NOT_FOUND',
      exitCode: 3,
      message: /nowhere/,
      hint: /rig deploy PATH/,
    }));

  test('is empty', async () => {
    const dir = await writeTree(folder('empty'), {});
    await expectFailure(max.home, ['deploy', dir, ...to], {
      code: 'RIG_PATH_EMPTY',
      exitCode: 2,
      message: /empty/,
      hint: /rig deploy PATH/,
    });
  });

  test('is a file', async () => {
    const dir = await writeTree(folder('file'), { 'a.txt': 'x' });
    const path = join(dir, 'a.txt');
    await expectFailure(max.home, ['deploy', path, ...to], {
      code: 'RIG_PATH_NOT_FOLDER',
      exitCode: 2,
      message: /a\.txt/,
      hint: /rig deploy PATH/,
    });
  });

  test('has a symlink that leaves it', async () => {
    const dir = await writeTree(folder('leaves'), { 'index.html': 'x' });
    symlinkSync('/etc/passwd', join(dir, 'passwords'));
    await expectFailure(max.home, ['deploy', dir, ...to], {
      code: 'RIG_SYMLINK_ESCAPES',
      exitCode: 1,
      message: /passwords/,
      hint: /\.rigignore/,
    });
  });

  test('has nothing that Max could build', async () => {
    const dir = await writeTree(folder('nothing'), { 'notes.txt': 'x' });
    await expectFailure(max.home, ['deploy', dir, ...to], {
      code: 'RIG_NO_BUILDER',
      exitCode: 1,
      message: /dep_.* of app\.bad/,
      hint: /rig deploy/,
    });
  });

  test('is for an app that is not there', async () => {
    const dir = await writeNodeApp(folder('for-nobody'), answering('hi'));
    await expectFailure(max.home, ['deploy', dir, '--app', 'nobody.bad'], {
      code: 'RIG_APP_NOT_FOUND',
      exitCode: 3,
      message: /nobody/,
      hint: /rig deploy --create --app nobody\.bad/,
    });
  });
});

describe('a deployment that fails', () => {
  test('in its build ends with the reason and the last lines', async () => {
    const dir = await writeNodeApp(folder('fails'), answering('hi'), { build: 'echo almost; exit 3' });
    await rigOk(max.home, ['create', 'network', 'broken']);
    await rigOk(max.home, ['create', 'app', 'fails.broken']);
    const error = await expectFailure(max.home, ['deploy', dir, '--app', 'fails.broken'], {
      code: 'RIG_BUILD_FAILED',
      exitCode: 1,
      message: /npm run build.*3/,
      hint: /rig logs build fails/,
    });
    expect(error.lines).toContain('almost');
    expect(error.details).toMatchObject({ deployment: { state: 'failed' } });
  });

  test('for an app that ends at once leaves the old release serving', async () => {
    const dir = await writeNodeApp(folder('crashes'), answering('the old one'));
    await deploy(max, 'crashes.failing', dir);
    await writeFile(join(dir, 'server.mjs'), "console.log('about to end'); process.exit(7);\n");
    const result = await rig(max.home, ['deploy', dir, '--app', 'crashes.failing', '-o', 'json'], { timeout: 120_000 });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    const error = JSON.parse(result.stderr.trim().split('\n').at(-1) ?? '') as { code: string; lines: string[] };
    expect(error.code).toMatch(/^RIG_(INSTANCE_CRASHED|NOT_HEALTHY)$/);
    expect(error.lines).toContain('about to end');
    expect((await askApp(max, 'crashes.failing')).body).toBe('the old one');
  });
});

describe('Ctrl-C', () => {
  test('after the deployment was made says that it goes on, and it does', async () => {
    const dir = await writeNodeApp(folder('left'), answering('it went on'));
    await deploy(max, 'left.one', dir);
    await writeNodeApp(dir, answering('it went on'), { build: waitingBuild(dir) });
    const running = spawnRig(max.home, ['deploy', dir, '--app', 'left.one']);
    const lines = outputLines(running.stderr as NonNullable<typeof running.stderr>);
    await lines.find(/^waiting$/);
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toMatch(/deployment dep_\w+ of left\.one goes on in Max/);
    expect(stderr).toContain('rig deploy cancel dep_');
    expect(stderr).toContain('rig deploy attach dep_');

    await writeFile(`${dir}.go`, '');
    const log = await rigOk(max.home, ['logs', 'build', 'left.one']);
    expect(log.stdout).toContain('the build succeeded');
  });

  test('before it says that nothing was deployed', async () => {
    const dir = await writeNodeApp(folder('early'), answering('hi'));
    await deploy(max, 'early.one', dir);
    // Sparse: no room on the disk, and enough to read for the signal to come in between.
    execFileSync('truncate', ['-s', '6G', join(dir, 'large.bin')]);
    const running = spawnRig(max.home, ['deploy', dir, '--app', 'early.one']);
    const lines = outputLines(running.stderr as NonNullable<typeof running.stderr>);
    await lines.find('early.one');
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('nothing was deployed'),
    });
    expect(await rigJson(max.home, ['list', 'deployments', '--app', 'early.one'])).toHaveLength(1);
  });
});

describe('Max killed in the middle of a deploy', () => {
  test('is waited for, and what it says of the deployment then is the end', async () => {
    const dir = await writeNodeApp(folder('killed'), answering('hi'), { build: waitingBuild(folder('killed')) });
    const running = spawnRig(max.home, ['deploy', dir, '--app', 'killed.one', '--create']);
    const lines = outputLines(running.stderr as NonNullable<typeof running.stderr>);
    await lines.find(/^waiting$/);
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await lines.find('The connection to Max is lost');
    await rigOk(max.home, ['max', 'up']);
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('(RIG_DEPLOY_INTERRUPTED)'),
    });
    expect(stderr).toContain('Connected again');
    const [last] = await rigJson<Array<Partial<Deployed> & { state: string }>>(max.home, [
      'list',
      'deployments',
      '--app',
      'killed.one',
    ]);
    expect(last).toMatchObject({ state: 'failed' });
  });
});
