import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { answering, askApp, deploy, writeNodeApp } from './app.ts';
import type { RunningMax } from './max.ts';
import { type RigOptions, type RigResult, rig, rigOk } from './rig.ts';

const SENTINEL = 'SENTINEL-5c1f-in-a-secret';
const APP = 'api.shop';

/** Files below a folder that hold the secret, whole, in base64 or in hex. */
export function holdersOfSecret(dir: string): string[] {
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

/** The files that the walk itself wrote the secret into; no other may hold it. */
export const SECRET_SOURCES = ['bad.env', 'good.env'];

/** The outputs that hold the secret. */
export const tellingSecret = (said: readonly RigResult[]): RigResult[] =>
  said.filter(({ stdout, stderr }) => `${stdout}${stderr}`.includes(SENTINEL));

/** What Max tells of sessions whose arguments name the secret, of who did what, and of figures. */
async function walkInside(max: RunningMax): Promise<RigResult[]> {
  const ask = async (path: string, body?: object): Promise<{ stdout: string; stderr: string; exitCode: number }> => {
    const authorization = `Bearer ${max.token}`;
    const answer = await fetch(`${max.url}${path}`, {
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const { status, headers } = answer;
    const exitCode = status < 400 ? 0 : 1;
    return { stdout: await answer.text(), stderr: JSON.stringify([...headers]), exitCode };
  };
  const sessions = '/v1/networks/shop/apps/api/sessions';
  const told = [
    await ask(sessions, { kind: 'command', argv: ['true', SENTINEL, `--token=${SENTINEL}`] }),
    await ask(sessions, { kind: 'command', argv: [SENTINEL] }),
  ];
  assert.deepEqual(
    told.map(({ exitCode }) => exitCode),
    [0, 0],
  );
  for (const path of ['/v1/sessions', '/v1/audit', '/v1/events', '/v1/metrics', '/metrics', '/openapi.json'])
    told.push(await ask(path));
  return told as RigResult[];
}

/** Sends a secret through everything that takes one or could show it, what fails too; gives all that was said. */
export async function walkWithSecret(max: RunningMax): Promise<RigResult[]> {
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
  assert.equal((await run(stdin('WRONG'), input)).exitCode, 1);
  await both(['create', 'var', 'TOKEN=1', '--app', APP]);
  await both(['delete', 'secret', 'WRONG', '--yes', '--app', APP]);
  for (const list of ['vars', 'secrets', 'releases', 'deployments', 'builds']) await both(['list', list, '--app', APP]);
  for (const show of ['status', 'details']) await both([show, 'app', APP]);
  await both(['logs', 'app', APP, '--no-follow']);
  await both(['logs', 'build', APP, '--no-follow']);
  await both(['events', '--no-follow', '--after', '0']);
  await run(['max', 'logs', '--no-follow', '--lines', '10000']);
  await run(['deploy', dir, '--app', APP]);
  assert.equal((await askApp(max, APP)).body, 'ok');
  said.push(...(await walkInside(max)));
  await both(['status', 'dashboard']);
  return said;
}
