import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { type RigOptions, type RigResult, rig, rigOk } from '../support/rig.ts';

const SENTINEL = 'SENTINEL-5c1f-in-a-secret';
const APP = 'api.shop';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax({ RIG_DEBUG: '1' });
});
afterAll(() => max.stop());

/** Files below a folder, as bytes, that hold the sentinel, whole, in base64 or in hex. */
function holders(dir: string): string[] {
  const forms = [SENTINEL, ...(['base64', 'hex'] as const).map((form) => Buffer.from(SENTINEL).toString(form))];
  const found: string[] = [];
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const file = join(dir, entry);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    if (forms.some((form) => bytes.includes(form.replace(/=+$/, '')))) found.push(relative(dir, file));
  }
  return found.sort();
}

const source = (exits: string): string =>
  `if (process.env.WRONG) { console.error('wrong setting'); process.exit(${exits}); }\n${answering('ok')}`;

test('a secret is in no output, log, event, report, database or file of rig and Max, whatever was done', async () => {
  const said: RigResult[] = [];
  const good = join(max.home.dir, 'good.env');
  const bad = join(max.home.dir, 'bad.env');
  writeFileSync(good, `FROM_FILE="${SENTINEL}"\nMULTI='one\n${SENTINEL}'\n`);
  writeFileSync(bad, `A=1\n${SENTINEL}\nB="${SENTINEL}\n`);
  const run = async (args: string[], options: RigOptions = {}): Promise<RigResult> => {
    const result = await rig(max.home, args, options);
    said.push(result);
    return result;
  };
  const both = async (args: string[], options: RigOptions = {}): Promise<void> => {
    for (const form of ['table', 'json']) await run([...args, '--verbose', '-o', form], options);
  };
  const stdin = (key: string): string[] => ['create', 'secret', key, '--value-stdin', '--app', APP];
  const input = { input: `${SENTINEL}\n` };

  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', APP]);
  await both(stdin('BEFORE'), input);
  const dir = await writeNodeApp(join(max.home.dir, 'app'), source('7'), { build: 'env' });
  await deploy(max, APP, dir);
  await both(stdin('TOKEN'), input);
  await both(['create', 'secret', '--from-file', good, '--app', APP]);
  // What fails, of every kind: names, files, sources, servers, sizes, an app that ends.
  await both(['create', 'secret', '--from-file', bad, '--app', APP]);
  await both(['create', 'var', '--from-file', bad, '--app', APP]);
  await both(['create', 'secret', `TOKEN=${SENTINEL}`, '--app', APP]);
  await both(['create', 'secret', SENTINEL, '--app', APP]);
  await both(['create', 'var', SENTINEL, '--app', APP]);
  await both(['create', 'var', `A-B=${SENTINEL}`, '--app', APP]);
  await both(['delete', 'secret', SENTINEL, '--yes', '--app', APP]);
  await both(stdin('PORT'), input);
  await both(stdin('BEFORE'), { input: SENTINEL.repeat(4000) });
  await both(stdin('BEFORE'), { input: `${SENTINEL}\0` });
  await both([...stdin('TOKEN').slice(0, -1), 'nope.shop'], input);
  await both([...stdin('TOKEN'), '--stage', '--from-file', good], input);
  await both(stdin('TOKEN'), { ...input, env: { RIG_TOKEN: max.token, RIG_SERVER: 'http://127.0.0.1:1' } });
  await both(stdin('TOKEN'), { ...input, env: { RIG_TOKEN: `${max.token}x`, RIG_SERVER: max.url } });
  expect((await run(stdin('WRONG'), input)).exitCode).toBe(1);
  await both(['create', 'var', 'TOKEN=1', '--app', APP]);
  await both(['delete', 'secret', 'WRONG', '--yes', '--app', APP]);
  for (const list of ['vars', 'secrets', 'releases', 'deployments', 'builds']) await both(['list', list, '--app', APP]);
  for (const show of ['status', 'details']) await both([show, 'app', APP]);
  await both(['logs', 'app', APP, '--no-follow']);
  await both(['logs', 'build', APP, '--no-follow']);
  await run(['max', 'logs', '--no-follow', '--lines', '10000']);
  await run(['deploy', dir, '--app', APP]);
  expect((await askApp(max, APP)).body).toBe('ok');

  const [first] = said;
  expect(first?.exitCode).toBe(0);
  expect(said.filter(({ exitCode }) => exitCode !== 0).length).toBeGreaterThan(20);
  for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(SENTINEL);
  expect(holders(max.home.dir)).toEqual(['bad.env', 'good.env']);
  // The end of Max writes the database's log back: what it then holds is looked at too.
  await rigOk(max.home, ['max', 'down']);
  expect(holders(max.home.dir)).toEqual(['bad.env', 'good.env']);
  await rigOk(max.home, ['max', 'up']);
  expect(holders(max.home.dir)).toEqual(['bad.env', 'good.env']);
});

test('the digest that is kept of a request is keyed: a secret cannot be guessed back by it', async () => {
  const state = join(max.home.dir, 'state', 'rig', 'max');
  const path = '/v1/networks/shop/apps/api/secrets';
  const body = Buffer.from(JSON.stringify({ values: { KEYED: 'guess-me' }, stage: true }));
  const headers = {
    authorization: `Bearer ${max.token}`,
    'content-type': 'application/json',
    'idempotency-key': 'keyed-1',
  };
  const answer = await fetch(`${max.url}${path}`, { method: 'POST', body, headers });
  expect(answer.status).toBe(200);
  const head = JSON.stringify(['POST', path, 'application/json', '']);
  const plain = createHash('sha256').update(head).update(body).digest('hex');
  const stored = Buffer.concat(['max.db', 'max.db-wal'].map((file) => readFileSync(join(state, file))));
  expect(stored.includes('keyed-1')).toBe(true);
  expect(stored.includes(plain)).toBe(false);
  expect(stored.includes(createHash('sha256').update('guess-me').digest('hex'))).toBe(false);
});
