import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { client, failure } from '../http/serve.ts';
import { createUser, type User } from './user.ts';

const SERVE = join(import.meta.dirname, '../../../../plugins/max/src/serve.ts');
const PROCESS = join(import.meta.dirname, 'rig-process.ts');
const fromSource = ['--import', 'tsx', '--conditions=rig-source'];

let state: string;
let max: ResultPromise<{ ipc: true; reject: false; node: true }>;
let url: string;
let apiToken: string;
let user: User;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'rig-auth-max-'));
  const options = { ipc: true, reject: false, node: true, nodeOptions: fromSource } as const;
  max = execa(SERVE, ['--state-dir', state, '--port', '0', '--owner', 'ada'], options);
  const message = (await max.getOneMessage()) as { kind: string; url: string };
  if (message.kind !== 'ready') throw new Error(`Max did not start: ${JSON.stringify(message)}`);
  url = message.url;
  const file = readdirSync(state, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('owner-token'));
  apiToken = readFileSync(join(state, file ?? 'owner-token'), 'utf8').trim();
  user = createUser();
});
afterAll(async () => {
  user?.remove();
  max?.kill('SIGTERM');
  await max;
  rmSync(state, { recursive: true, force: true });
});

/** Makes the stored access token one that has ended by this machine's clock. */
function age(): void {
  const stored = JSON.parse(readFileSync(user.file, 'utf8'));
  for (const each of stored.credentials) if (each.kind === 'access') each.expiresAt = '2020-01-01T00:00:00.000Z';
  writeFileSync(user.file, JSON.stringify(stored));
}

it('a sign-in at a real Max is renewed by many processes at once without being revoked, and ended', async () => {
  const { identity, whoami } = await user.auth(url).login(url, apiToken);
  expect(identity).toMatchObject({ server: url, subject: 'ada', source: 'file' });
  expect(whoami.token.kind).toBe('access');
  for (let round = 0; round < 2; round += 1) {
    age();
    const rigs = Array.from({ length: 4 }, () => execa(process.execPath, [...fromSource, PROCESS, url, user.dir]));
    const answers = (await Promise.all(rigs)).map(({ stdout }) => JSON.parse(stdout));
    const token = await user.auth(url).token();
    expect(answers).toEqual(
      Array.from({ length: 4 }, () => ({ token: createHash('sha256').update(token).digest('hex') })),
    );
    const http = client(url, { token: async () => token });
    expect(await http.get('/v1/whoami')).toMatchObject({ user: { name: 'ada' } });
    http.dispose();
  }
  const token = await user.auth(url).token();
  expect(await user.auth(url).logout({ all: false })).toMatchObject([{ revoked: true }]);
  const http = client(url, { token: async () => token });
  expect(await failure(http.get('/v1/whoami'))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
  http.dispose();
  const said = `${user.said}${user.warned}${user.otherFiles()}`;
  for (const secret of [token, apiToken]) expect(said).not.toContain(secret);
});

it('a real Max refuses a token that it does not know, and the token is not repeated', async () => {
  const error = await failure(user.auth(url).login(url, 'max_sentinel_unknown'));
  expect(error).toMatchObject({ code: 'RIG_TOKEN_REFUSED', exitCode: 4 });
  expect(`${error.message}${error.hint}`).not.toContain('sentinel');
});

it('the HTTP service pages through a real Max, and shows its problems as they are', async () => {
  const http = client(url, { token: async () => apiToken });
  for (const name of ['one', 'two', 'three']) await http.post('/v1/networks', { json: { name }, idempotencyKey: true });
  const names: string[] = [];
  for await (const network of http.pages<{ name: string }>('/v1/networks', { limit: 2 })) names.push(network.name);
  expect(names).toEqual(['one', 'three', 'two']);
  expect(await failure(http.get('/v1/networks/none'))).toMatchObject({
    code: 'RIG_NETWORK_NOT_FOUND',
    exitCode: 3,
    requestId: expect.stringMatching(/^req_/),
  });
  expect(await failure(http.post('/v1/networks', { json: { name: 'one' } }))).toMatchObject({
    code: 'RIG_NAME_TAKEN',
    exitCode: 5,
  });
  expect(await failure(http.post('/v1/networks', { json: { name: 'B@d' } }))).toMatchObject({
    code: 'RIG_BAD_NAME',
    exitCode: 2,
  });
  http.dispose();
});
