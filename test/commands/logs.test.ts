import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectFailure } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { RIG, rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

interface Line {
  seq: number;
  instance: string;
  stream: string;
  text: string;
}

/** Writes as many lines as the path says, and one to standard error at its start. */
const SOURCE = `import { createServer } from 'node:http';
let count = 0;
createServer((request, response) => {
  const many = Number(request.url.slice(1));
  for (let i = 0; i < many; i++) console.log('said ' + ++count);
  response.end('ok');
}).listen(process.env.PORT, () => console.error('ready on stderr'));
process.once('SIGTERM', () => process.exit(0));
`;

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  const dir = await writeNodeApp(join(max.home.dir, 'apps', 'talks'), SOURCE, { build: 'echo built' });
  await deploy(max, 'talks.shop', dir);
});
afterAll(() => max.stop());

const say = async (lines: number): Promise<void> => {
  expect(await askApp(max, 'talks.shop', `/${lines}`)).toMatchObject({ status: 200 });
};
const follow = (...args: string[]) => {
  const running = spawnRig(max.home, ['logs', 'app', 'talks.shop', ...args]);
  const streams = {
    stdout: running.stdout as NonNullable<typeof running.stdout>,
    stderr: running.stderr as NonNullable<typeof running.stderr>,
  };
  return { running, out: outputLines(streams.stdout), err: outputLines(streams.stderr) };
};

describe('rig logs app', () => {
  test('--no-follow ends by itself, and tells standard error apart without colour', async () => {
    const { stdout, stderr } = await rigOk(max.home, ['logs', 'app', 'talks.shop', '--no-follow', '--lines', '10000']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z web\.1 ! ready on stderr$/m);
    expect(stdout).toMatch(/ max \* .*v1/);
    expect(stderr).toBe('');
  });

  test('-o json is the most recent lines as one document; with --follow it is a usage error', async () => {
    const lines = await rigJson<Line[]>(max.home, ['logs', 'app', 'talks.shop', '--lines', '2']);
    expect(lines).toHaveLength(2);
    expect(lines[1]?.seq).toBe((lines[0]?.seq ?? 0) + 1);
    const { exitCode, stderr } = await rig(max.home, ['logs', 'app', 'talks.shop', '--follow', '-o', 'json']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('RIG_FOLLOW_FORM') });
  });

  test('follows, and Ctrl-C ends with 130', async () => {
    const { running, out } = follow('--lines', '0');
    await expect
      .poll(
        async () => {
          await say(1);
          return out.all.length;
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(0);
    expect(out.all[0]).toMatch(/web\.1 \| said \d+$/);
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
  });

  test('loses nothing and repeats nothing while Max is killed and comes back', async () => {
    await say(1);
    const { last } = await lastLine();
    const { running, out, err } = follow('-o', 'ndjson', '--lines', '1');
    await out.find('"seq"');
    await say(3000);
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await rigOk(max.home, ['max', 'up']);
    await say(3000);
    await out.find(`"seq":${last + 6000},`);
    running.kill('SIGINT');
    await running;
    const seqs = out.all.map((line) => (JSON.parse(line) as Line).seq);
    expect(seqs.length).toBeGreaterThanOrEqual(6001);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => (seqs[0] ?? 0) + i));
    expect(err.all.every((line) => line.startsWith('{'))).toBe(true);
  });

  test('says on stderr that the link is lost and back', async () => {
    const { running, out, err } = follow('--lines', '1');
    await out.find('Z ');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await err.find('The connection to Max is lost');
    await rigOk(max.home, ['max', 'up']);
    await err.find('Connected again');
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
  });

  test('comes through a Max that stands still, and through the commands of that time', async () => {
    const { running, out, err } = follow('--lines', '1');
    await out.find('Z ');
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGSTOP');
    const asking = rigOk(max.home, ['list', 'apps', '-o', 'name']);
    await err.find('The connection to Max is lost');
    process.kill(pid, 'SIGCONT');
    expect((await asking).stdout).toContain('talks.shop');
    await err.find('Connected again');
    await say(1);
    const { text } = (await rigJson<Line[]>(max.home, ['logs', 'app', 'talks.shop', '--lines', '1']))[0] as Line;
    await out.find(text);
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
  });

  test('… | head -1 ends at once and quietly', async () => {
    await say(50);
    await lastLine();
    const piped = await execa(
      `'${process.execPath}' '${RIG}' logs app talks.shop --lines 20 | head -1; echo "\${PIPESTATUS[0]}"`,
      {
        shell: '/bin/bash',
        env: max.home.env,
        extendEnv: false,
        timeout: 60_000,
      },
    );
    expect(piped.stdout.split('\n')).toEqual([expect.stringMatching(/web\.1 \| said/), '0']);
    expect(piped.stderr).toBe('');
  });
});

test('a follower of an app that is deleted is told so, and ends with 3', async () => {
  const dir = await writeNodeApp(join(max.home.dir, 'apps', 'brief'), SOURCE);
  await deploy(max, 'brief.shop', dir);
  const running = spawnRig(max.home, ['logs', 'app', 'brief.shop']);
  const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
  await out.find('ready on stderr');
  await rigOk(max.home, ['delete', 'app', 'brief.shop', '--yes']);
  const { exitCode, stderr } = await running;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('RIG_APP_NOT_FOUND') });
  expect(stderr).toContain('deleted while its log was followed');
});

test('so is one that was cut off meanwhile, when it comes back', async () => {
  const dir = await writeNodeApp(join(max.home.dir, 'apps', 'brief'), SOURCE);
  await deploy(max, 'brief.shop', dir);
  const running = spawnRig(max.home, ['logs', 'app', 'brief.shop']);
  await outputLines(running.stdout as NonNullable<typeof running.stdout>).find('ready on stderr');
  running.kill('SIGSTOP');
  const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
  process.kill(pid, 'SIGKILL');
  await rigOk(max.home, ['max', 'up']);
  await rigOk(max.home, ['delete', 'app', 'brief.shop', '--yes']);
  running.kill('SIGCONT');
  const { exitCode, stderr } = await running;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('RIG_APP_NOT_FOUND') });
});

/** The number of the last line that Max has, once nothing more is on its way. */
async function lastLine(): Promise<{ last: number }> {
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = (await rigJson<Line[]>(max.home, ['logs', 'app', 'talks.shop', '--lines', '1']))[0]?.seq ?? 0;
        return last === before;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe(true);
  return { last };
}

describe('rig logs build', () => {
  test('shows the last build and ends with it', async () => {
    const { stdout } = await rigOk(max.home, ['logs', 'build', 'talks.shop']);
    expect(stdout).toMatch(/build \| built$/m);
    expect(stdout).toMatch(/max \* the build succeeded\n$/);
  });

  test('shows the one that is named', async () => {
    const [build] = await rigJson<Array<{ id: string }>>(max.home, ['list', 'builds', '--app', 'talks.shop']);
    const lines = await rigJson<Line[]>(max.home, ['logs', 'build', 'talks.shop', '--build', build?.id ?? '']);
    expect(lines.map(({ text }) => text)).toContain('built');
  });

  test('of a build in progress follows to its end', async () => {
    const dir = join(max.home.dir, 'apps', 'slow');
    await writeNodeApp(dir, SOURCE, {
      build: `echo waiting; until [ -e '${dir}.go' ]; do sleep 0.1; done; echo going`,
    });
    const deploying = deploy(max, 'slow.shop', dir);
    await expect
      .poll(async () => (await rig(max.home, ['list', 'builds', '--app', 'slow.shop', '-o', 'name'])).stdout, {
        timeout: 60_000,
      })
      .toMatch(/\S/);
    const running = spawnRig(max.home, ['logs', 'build', 'slow.shop']);
    const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
    await out.find('build | waiting');
    await writeFile(`${dir}.go`, '');
    expect((await running).exitCode).toBe(0);
    expect(out.all.at(-1)).toContain('the build succeeded');
    await deploying;
  });
});

describe('errors', () => {
  beforeAll(() => rigOk(max.home, ['create', 'app', 'silent.shop']));

  test.each([
    [
      'an unknown app',
      ['logs', 'app', 'nobody.shop'],
      'RIG_APP_NOT_FOUND',
      3,
      /nobody/,
      /rig list apps --network shop/,
    ],
    [
      'an app without builds',
      ['logs', 'build', 'silent.shop'],
      'RIG_BUILD_NOT_FOUND',
      3,
      /silent\.shop/,
      /rig deploy --app silent\.shop/,
    ],
    [
      'an unknown build',
      ['logs', 'build', 'talks.shop', '--build', 'bld_no'],
      'RIG_BUILD_NOT_FOUND',
      3,
      /bld_no/,
      /rig list builds --app talks\.shop/,
    ],
    [
      'a bad number of lines',
      ['logs', 'app', 'talks.shop', '--lines', 'all'],
      'RIG_BAD_OPTION',
      2,
      /--lines/,
      /--lines 200/,
    ],
  ] as const)('%s', async (_, args, code, exitCode, message, hint) => {
    await expectFailure(max.home, args, { code, exitCode, message, hint });
  });

  test('an app without a log shows nothing but that, and ends where it does not follow', async () => {
    expect(await rigJson(max.home, ['logs', 'app', 'silent.shop'])).toEqual([]);
    const { stdout, stderr } = await rigOk(max.home, ['logs', 'app', 'silent.shop', '--no-follow']);
    expect([stdout, stderr]).toEqual(['', 'No lines yet\n']);
  });
});
