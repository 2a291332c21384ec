import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { records } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

interface Gated {
  dir: string;
  /** Lets the build end. */
  open(): Promise<void>;
}

/** An app whose build says that it has begun, and waits for a file. */
async function gated(name: string, text: string): Promise<Gated> {
  const dir = await writeNodeApp(join(max.home.dir, name), answering(text), { build: 'node build.mjs' });
  const gate = join(max.home.dir, `${name}.gate`);
  await writeTree(dir, {
    'build.mjs': `import { existsSync } from 'node:fs';
console.log('the build has begun');
const look = setInterval(() => existsSync(${JSON.stringify(gate)}) && clearInterval(look), 50);`,
  });
  return { dir, open: () => writeFile(gate, '') };
}

describe('Ctrl-C in a deploy', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('by %s says what goes on in Max, and it does go on', async (signal) => {
    const name = signal.toLowerCase();
    const { dir, open } = await gated(name, `after ${signal}`);
    const deploying = spawnRig(max.home, ['deploy', dir, '--app', `${name}.shop`, '--create']);
    const err = outputLines(deploying.stderr);
    await err.find(/the build has begun$/);
    deploying.kill(signal);
    const { exitCode, stdout } = await deploying;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    const said = err.all.slice(-2);
    expect(said[0]).toMatch(
      new RegExp(`^interrupted here, but deployment dep_\\w+ of ${name}\\.shop goes on in Max \\(it was building\\)$`),
    );
    expect(said[1]).toMatch(new RegExp(`rig deploy attach dep_\\w+ --app ${name}\\.shop; .*rig deploy cancel dep_`));
    await open();
    const follower = spawnRig(max.home, ['logs', 'app', `${name}.shop`]);
    await outputLines(follower.stdout).find('v1 serves now');
    follower.kill('SIGINT');
    await follower;
    expect((await askApp(max, `${name}.shop`)).body).toBe(`after ${signal}`);
  });

  test('for a script is one object', async () => {
    const { dir, open } = await gated('script', 'x');
    const deploying = spawnRig(max.home, ['deploy', dir, '--app', 'script.shop', '--create', '-o', 'json']);
    const err = outputLines(deploying.stderr);
    const out = outputLines(deploying.stdout);
    // In this form nothing is said while it builds: Max is asked when it has begun.
    for (;;) {
      const { stdout } = await rig(max.home, ['logs', 'build', 'script.shop', '--no-follow']);
      if (stdout.includes('begun')) break;
    }
    deploying.kill('SIGINT');
    expect((await deploying).exitCode).toBe(130);
    expect(out.all).toEqual([]);
    const error = records(err.all.join('\n')).at(-1);
    expect(error).toMatchObject({
      code: 'RIG_INTERRUPTED',
      exitCode: 130,
      details: { deployment: { state: 'building' } },
    });
    await open();
  });
});

describe('Max is killed amid a deploy', () => {
  test('rig waits for it, and tells how the deployment ended; the old release serves on', async () => {
    await deploy(max, 'killed.shop', await writeNodeApp(join(max.home.dir, 'old'), answering('the old release')));
    const { dir } = await gated('killed', 'never');
    const deploying = spawnRig(max.home, ['deploy', dir, '--app', 'killed.shop', '-o', 'json']);
    const err = outputLines(deploying.stderr);
    const out = outputLines(deploying.stdout);
    for (;;) {
      const { stdout } = await rig(max.home, ['logs', 'build', 'killed.shop', '--no-follow']);
      if (/the build has begun$/m.test(stdout)) break;
    }
    const before = await rigJson<{ instances: Array<{ pid: number }> }>(max.home, ['status', 'app', 'killed.shop']);
    process.kill(max.pid, 'SIGKILL');
    max.pid = (await rigJson<{ pid: number }>(max.home, ['max', 'up'])).pid;
    expect((await askApp(max, 'killed.shop')).body).toBe('the old release');
    expect((await deploying).exitCode).toBe(1);
    expect(out.all).toEqual([]);
    const error = records(err.all.join('\n')).at(-1);
    expect(error).toMatchObject({
      level: 'error',
      code: 'RIG_DEPLOY_INTERRUPTED',
      exitCode: 1,
      message: expect.stringMatching(/killed\.shop failed: Max ended while the deployment was building/),
      hint: expect.stringContaining('rig deploy'),
    });

    const after = await rigJson<{ app: { release: number }; instances: Array<{ pid: number }> }>(max.home, [
      'status',
      'app',
      'killed.shop',
    ]);
    expect(after).toMatchObject({
      app: { release: 1, state: 'running' },
      instances: before.instances.map(({ pid }) => ({ pid, restarts: 0 })),
    });
    // Nothing of it is in the way of the next.
    await rigOk(max.home, ['deploy', join(max.home.dir, 'old'), '--app', 'killed.shop']);
  });
});
