import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { records } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { RIG, rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

interface Line {
  seq: number;
  at: string;
  instance: string;
  stream: string;
  text: string;
}

/** An app that logs the path of each request, and a burst on demand. */
const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => {
  const burst = /^\\/burst\\/(\\d+)$/.exec(request.url);
  for (let i = 1; burst && i <= Number(burst[1]); i++) console.log('burst ' + i);
  if (request.url === '/stderr') console.error('to stderr');
  else if (!burst) console.log('asked for ' + decodeURIComponent(request.url));
  response.end('ok');
}).listen(process.env.PORT, () => console.log('ready'));
process.once('SIGTERM', () => process.exit(0));
`;

/** The whole log of the app. */
const ALL = ['logs', 'app', 'api.shop', '--no-follow', '--lines', '10000'];
const MARKS: Record<string, string> = { stdout: '|', stderr: '!', system: '*' };

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), SERVER));
});
afterAll(() => max.stop());

/** Runs `rig logs app … | COMMAND` in a real shell; what rig itself ended with is the last word on stdout. */
async function piped(
  args: readonly string[],
  command: string,
): Promise<{ stdout: string; stderr: string; rigExit: number }> {
  const script = `{ "$0" "$@"; echo $? >&3; } 3>exit-code | ${command}; cat exit-code >&2; echo >&2`;
  const { stdout, stderr } = await execa('sh', ['-c', script, process.execPath, RIG, ...args], {
    cwd: max.home.dir,
    env: max.home.env,
    extendEnv: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  const said = stderr.trim().split('\n');
  return { stdout, stderr: said.slice(0, -1).join('\n'), rigExit: Number(said.at(-1)) };
}

describe('rig logs app --no-follow', () => {
  test('prints what there is, numbered without holes, and ends', async () => {
    await askApp(max, 'api.shop', '/first');
    await askApp(max, 'api.shop', '/stderr');
    const follower = spawnRig(max.home, ['logs', 'app', 'api.shop']);
    await outputLines(follower.stdout).find('to stderr');
    follower.kill('SIGINT');
    await follower;

    const lines = await rigJson<Line[]>(max.home, [...ALL]);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1));
    expect(lines).toContainEqual(
      expect.objectContaining({ instance: 'web.1', stream: 'stdout', text: 'asked for /first' }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ instance: 'web.1', stream: 'stderr', text: 'to stderr' }));
    expect(lines).toContainEqual(expect.objectContaining({ instance: 'max', stream: 'system', text: 'v1 serves now' }));

    const { stdout, stderr } = await rigOk(max.home, ['logs', 'app', 'api.shop', '--no-follow', '--lines', '2']);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual(
      lines.slice(-2).map(({ at, text, instance, stream }) => `${at} ${instance} ${MARKS[stream]} ${text}`),
    );
    const records = (await rigOk(max.home, [...ALL, '-o', 'ndjson'])).stdout.trimEnd().split('\n');
    expect(records.map((line) => JSON.parse(line))).toEqual(lines);
  });

  test('--lines 0 prints nothing, a bad number is refused', async () => {
    expect(await rig(max.home, ['logs', 'app', 'api.shop', '--no-follow', '--lines', '0'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    const { exitCode, stderr } = await rig(max.home, ['logs', 'app', 'api.shop', '--lines', 'many', '-o', 'ndjson']);
    expect(exitCode).toBe(2);
    expect(records(stderr).at(-1)).toMatchObject({ code: 'RIG_BAD_OPTION' });
  });
});

describe('rig logs app, following', () => {
  test.each([
    ['table', (line: string) => line],
    ['ndjson', (line: string) => (JSON.parse(line) as Line).text],
  ])('as %s shows a line as it is written, and Ctrl-C ends it with 130 and nothing more', async (form, text) => {
    const follower = spawnRig(max.home, [
      'logs',
      'app',
      'api.shop',
      '--lines',
      '0',
      ...(form === 'table' ? [] : ['-o', form]),
    ]);
    const out = outputLines(follower.stdout);
    const err = outputLines(follower.stderr);
    // With --lines 0 nothing says that it follows but the first line itself: asked until one is seen.
    const asking = setInterval(() => void askApp(max, 'api.shop', '/are-you-there').catch(() => {}), 100);
    await out.find('are-you-there');
    clearInterval(asking);
    for (const word of ['one', 'zwei', '三']) {
      await askApp(max, 'api.shop', `/${encodeURIComponent(word)}`);
      expect(text(await out.find(`asked for /${word}`))).toContain(`asked for /${word}`);
    }
    expect(follower.exitCode).toBeNull();
    follower.kill('SIGINT');
    expect((await follower).exitCode).toBe(130);
    if (form === 'table') expect(err.all).toEqual(['interrupted']);
    else
      expect(records(err.all.join('\n'))).toEqual([
        expect.objectContaining({ level: 'error', code: 'RIG_INTERRUPTED', exitCode: 130 }),
      ]);
    expect(new Set(out.all).size).toBe(out.all.length);
  });

  test('loses nothing of a burst and prints nothing twice', async () => {
    const follower = spawnRig(max.home, ['logs', 'app', 'api.shop', '-o', 'ndjson']);
    const out = outputLines(follower.stdout);
    await out.find('"seq":');
    await askApp(max, 'api.shop', '/burst/5000');
    await askApp(max, 'api.shop', '/after-the-burst');
    await out.find('after-the-burst');
    follower.kill('SIGINT');
    await follower;
    const seqs = out.all.map((line) => (JSON.parse(line) as Line).seq);
    expect(seqs.length).toBeGreaterThan(5000);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i));
  });

  test('over a Max that was killed goes on by the number of the last line', async () => {
    const follower = spawnRig(max.home, ['logs', 'app', 'api.shop', '-o', 'ndjson']);
    const out = outputLines(follower.stdout);
    await askApp(max, 'api.shop', '/before-the-kill');
    await out.find('before-the-kill');
    process.kill(max.pid, 'SIGKILL');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    expect(pid).not.toBe(max.pid);
    max.pid = pid;
    await askApp(max, 'api.shop', '/after-the-kill');
    await out.find('after-the-kill');
    follower.kill('SIGINT');
    expect((await follower).exitCode).toBe(130);
    const seqs = out.all.map((line) => (JSON.parse(line) as Line).seq);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i));
  });

  test.each([
    ['head -1', []],
    ['head -1', ['-o', 'ndjson']],
    ['true', []],
  ])('into "| %s" ends at once and quietly, %j', async (command, options) => {
    const { stdout, stderr, rigExit } = await piped(['logs', 'app', 'api.shop', ...options], command);
    expect({ stderr, rigExit }).toEqual({ stderr: '', rigExit: 0 });
    expect(stdout.split('\n').length).toBe(1);
  });

  test('into "| head -1" with a single line so far ends quietly at the next line', async () => {
    // A pipe tells its writer only at a write that its reader is gone.
    const piping = piped(['logs', 'app', 'api.shop', '--lines', '1'], 'head -1');
    const asking = setInterval(() => void askApp(max, 'api.shop', '/next').catch(() => {}), 100);
    const { stdout, stderr, rigExit } = await piping.finally(() => clearInterval(asking));
    expect({ stderr, rigExit }).toEqual({ stderr: '', rigExit: 0 });
    expect(stdout.split('\n').length).toBe(1);
  });

  test('-o json with --follow is refused, for it has no end', async () => {
    const { exitCode, stdout, stderr } = await rig(max.home, ['logs', 'app', 'api.shop', '-o', 'json', '--follow']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(records(stderr).at(-1)).toMatchObject({
      code: 'RIG_FOLLOW_FORM',
      hint: expect.stringContaining('-o ndjson'),
    });
  });
});

describe('rig logs build', () => {
  test('prints the last build and ends with it, one of the past by its id', async () => {
    const { stdout } = await rigOk(max.home, ['logs', 'build', 'api.shop']);
    expect(stdout).toContain('the build succeeded');
    const [build] = await rigJson<Array<{ id: string }>>(max.home, ['list', 'builds', '--app', 'api.shop']);
    expect((await rigOk(max.home, ['logs', 'build', 'api.shop', '--build', String(build?.id)])).stdout).toBe(stdout);
    const unknown = await rig(max.home, ['logs', 'build', 'api.shop', '--build', 'bld_nope', '-o', 'json']);
    expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
    expect(records(unknown.stderr).at(-1)).toMatchObject({
      code: 'RIG_BUILD_NOT_FOUND',
      hint: expect.stringContaining('rig list builds'),
    });
  });

  test('follows a build that runs, to its end', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'slow'), SERVER, {
      build: 'node build.mjs',
    });
    const go = join(max.home.dir, 'go');
    await writeTree(dir, {
      'build.mjs': `import { existsSync } from 'node:fs';
console.log('begun');
const look = setInterval(() => existsSync(${JSON.stringify(go)}) && (clearInterval(look), console.log('finished')), 50);`,
    });
    const deploying = spawnRig(max.home, ['deploy', dir, '--app', 'slow.shop', '--create']);
    await outputLines(deploying.stderr).find('begun');
    const follower = spawnRig(max.home, ['logs', 'build', 'slow.shop']);
    const out = outputLines(follower.stdout);
    await out.find('begun');
    expect(out.all.join('\n')).not.toContain('finished');
    await writeFile(go, '');
    await out.find('finished');
    if (follower.exitCode === null) await once(follower, 'exit');
    expect((await follower).exitCode).toBe(0);
    expect((await deploying).exitCode).toBe(0);
  });
});
