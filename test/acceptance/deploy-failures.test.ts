import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { expectRecord, expectText } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { type RigResult, rig, rigJson } from '../support/rig.ts';
import { ask } from '../unit/max/max-kit.ts';

let max: RunningMax;
/** It takes as long as Max lets it: begun first, awaited last. */
let neverHealthy: Promise<RigResult>;
const app = (name: string, source: string, scripts?: Record<string, string>): Promise<string> =>
  writeNodeApp(join(max.home.dir, name), source, scripts);

beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'patient.shop', await app('good', answering('the first release')));
  const { port, token } = max;
  const set = { json: { healthTimeoutSeconds: 5 } };
  expect(await ask(port, token, 'PATCH', '/v1/networks/shop/apps/patient', set)).toMatchObject({ status: 200 });
  const wrong = await app(
    'wrong-port',
    `import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('hidden')).listen(0, '127.0.0.1', () => console.log('I listen on ' + server.address().port));
`,
  );
  neverHealthy = rig(max.home, ['deploy', wrong, '--app', 'patient.shop', '-o', 'json'], { timeout: 120_000 });
});
afterAll(() => max.stop());

test('a build that fails ends with its reason and its last lines, and the old release keeps serving', async () => {
  await deploy(max, 'api.shop', await app('good', answering('still here')));
  const dir = await app('failing-build', answering('never seen'), {
    build: "node -e \"console.log('all was well'); console.error('until this'); process.exit(3)\"",
  });
  const failure = {
    code: 'RIG_BUILD_FAILED',
    exitCode: 1,
    message: /api\.shop failed: "npm run build" ended with exit code 3/,
    hint: /rig logs build api/,
  };
  const text = await rig(max.home, ['deploy', dir, '--app', 'api.shop']);
  expectText(text, failure);
  // They stand once, in the build's log right above the error.
  expect(text.stderr.match(/^(?: {2}\| )?until this$/gm)).toEqual(['until this']);
  const error = expectRecord(await rig(max.home, ['deploy', dir, '--app', 'api.shop', '-o', 'json']), failure);
  expect(error.lines?.join('\n')).toContain('until this');
  expect(error.details).toMatchObject({ deployment: { state: 'failed', release: null } });

  expect((await askApp(max, 'api.shop')).body).toBe('still here');
  const status = await rigJson<{
    app: { state: string; release: number };
    deployment: { state: string; reason: string };
  }>(max.home, ['status', 'app', 'api.shop']);
  expect(status).toMatchObject({
    app: { state: 'running', release: 1 },
    deployment: { state: 'failed', reason: expect.stringContaining('exit code 3') },
  });
  expect((await rig(max.home, ['logs', 'build', 'api.shop', '--no-follow'])).stdout).toContain('until this');
});

test('an app that crashes at its start ends with its exit and its last lines, and the old release keeps serving', async () => {
  await deploy(max, 'crash.shop', await app('good', answering('still up')));
  const dir = await app(
    'crashing',
    "console.log('reading the settings'); console.error('there is no DATABASE_URL'); process.exit(7);",
  );
  const failure = {
    code: 'RIG_INSTANCE_CRASHED',
    exitCode: 1,
    message: /crash\.shop failed: web\.1 ended \(exit 7\)/,
    hint: /PORT/,
  };
  const text = await rig(max.home, ['deploy', dir, '--app', 'crash.shop']);
  expectText(text, failure);
  expect(text.stderr).toMatch(/^ {2}\| there is no DATABASE_URL$/m);
  const error = expectRecord(await rig(max.home, ['deploy', dir, '--app', 'crash.shop', '-o', 'json']), failure);
  expect(error.lines).toEqual(expect.arrayContaining(['reading the settings', 'there is no DATABASE_URL']));
  expect((await askApp(max, 'crash.shop')).body).toBe('still up');
});

test('an app that never gets healthy ends with the port that it opened instead, and the old release keeps serving', async () => {
  expect((await askApp(max, 'patient.shop')).body).toBe('the first release');
  const failure = {
    code: 'RIG_NOT_HEALTHY',
    exitCode: 1,
    message: /patient\.shop failed: web\.1 listens on port \d+, and not on port \d+/,
    hint: /PORT/,
  };
  const error = expectRecord(await neverHealthy, failure);
  expect(error.details).toMatchObject({ deployment: { failure: { cause: 'RIG_PORT_NOT_OPENED' } } });
  const said = /I listen on (\d+)/.exec(error.lines?.join('\n') ?? '');
  expect(error.message).toContain(`listens on port ${said?.[1]}`);
  expect((await askApp(max, 'patient.shop')).body).toBe('the first release');
  const { instances } = await rigJson<{ instances: unknown[] }>(max.home, ['status', 'app', 'patient.shop']);
  expect(instances).toHaveLength(1);
}, 120_000);
