import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { API_TOKEN_TYPE, GRANT_TOKEN_EXCHANGE, type TokenAnswer } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GRACE_MS } from '../../../../plugins/max/src/auth/authority.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
beforeAll(async () => {
  max = await openMax();
});
afterAll(() => max.remove());

const form = (fields: Record<string, string>) => max.ask('POST', '/oauth/token', { token: null, form: fields });
const exchange = (token: string, more: Record<string, string> = {}) =>
  form({ grant_type: GRANT_TOKEN_EXCHANGE, subject_token: token, subject_token_type: API_TOKEN_TYPE, ...more });
const refresh = (token: string) => form({ grant_type: 'refresh_token', refresh_token: token });
const whoami = (token: string | null) => max.ask('GET', '/v1/whoami', { token });
const makeToken = async (scopes: string[], more: object = {}): Promise<{ id: string; token: string }> =>
  (await max.ask('POST', '/v1/tokens', { json: { name: 'test', scopes, ...more } })).json;

describe('the owner', () => {
  test("has a token with every scope in a file of this user's alone", async () => {
    expect(statSync(join(max.dir, 'owner-token')).mode & 0o777).toBe(0o600);
    const { status, json } = await whoami(max.token);
    expect(status).toBe(200);
    expect(json).toEqual({
      user: { id: expect.stringMatching(/^usr_/), name: 'tester' },
      scopes: ['read', 'deploy', 'shell', 'admin'],
      token: { kind: 'api', expiresAt: null },
    });
  });

  test('has the same token after a restart, and a new one where the file is gone', async () => {
    const one = await openMax();
    await one.stop();
    const two = await openMax(one.dir);
    expect(two.token).toBe(one.token);
    await two.stop();
    rmSync(join(one.dir, 'owner-token'));
    const three = await openMax(one.dir);
    expect(three.token).not.toBe(one.token);
    expect((await three.ask('GET', '/v1/whoami')).status).toBe(200);
    await three.remove();
  });
});

describe('a request', () => {
  test.each<[what: string, authorization: string | undefined]>([
    ['without a token', undefined],
    ['with an unknown token', `Bearer max_api_${'x'.repeat(43)}`],
    ['with an unknown access token', `Bearer max_at_${'x'.repeat(43)}`],
    ['with another scheme', 'Basic dXNlcjpwYXNz'],
    ['with an empty token', 'Bearer '],
    ['with two words', 'Bearer a b'],
  ])('%s is refused', async (_what, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const { status, json, headers: answered } = await max.ask('GET', '/v1/whoami', { token: null, headers });
    expect(status).toBe(401);
    expect(json).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', fix: expect.stringContaining('rig login') });
    expect(answered['www-authenticate']).toContain('Bearer');
  });

  test('without the scope is refused and told which', async () => {
    const { token } = await makeToken(['read']);
    const { status, json } = await max.ask('POST', '/v1/networks', { token, json: { name: 'nope' } });
    expect({ status, code: json.code }).toEqual({ status: 403, code: 'RIG_FORBIDDEN' });
    expect(json.detail).toContain('"deploy"');
    expect((await max.ask('GET', '/v1/networks', { token })).status).toBe(200);
    expect((await max.ask('GET', '/v1/tokens', { token })).status).toBe(403);
  });

  test('scopes include no other: deploy alone may not read', async () => {
    const { token } = await makeToken(['deploy']);
    expect((await max.ask('GET', '/v1/networks', { token })).status).toBe(403);
  });
});

describe('an API token', () => {
  test('is seen once, listed without its value, and holds until it is deleted', async () => {
    const made = await max.ask('POST', '/v1/tokens', { json: { name: 'ci', scopes: ['deploy', 'read', 'read'] } });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ name: 'ci', scopes: ['read', 'deploy'], expiresAt: null, lastUsedAt: null });
    const { id, token } = made.json;
    expect((await whoami(token)).status).toBe(200);
    const listed = await max.ask('GET', '/v1/tokens?limit=500');
    expect(listed.text).not.toContain(token);
    const row = listed.json.items.find((item: { id: string }) => item.id === id);
    expect(row).toMatchObject({ name: 'ci', lastUsedAt: expect.any(String) });
    expect(row).not.toHaveProperty('hash');
    expect((await max.ask('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    expect((await whoami(token)).status).toBe(401);
    expect((await max.ask('DELETE', `/v1/tokens/${id}`)).json.code).toBe('RIG_TOKEN_NOT_FOUND');
  });

  test('ends when its time is over', async () => {
    const { token } = await makeToken(['read'], { expiresAt: new Date(Date.now() + 300).toISOString() });
    expect((await whoami(token)).status).toBe(200);
    await expect.poll(async () => (await whoami(token)).status, { timeout: 60_000 }).toBe(401);
    expect((await exchange(token)).json.error).toBe('invalid_grant');
  });

  test.each([
    [{ scopes: ['read'] }],
    [{ name: '', scopes: ['read'] }],
    [{ name: 'x'.repeat(101), scopes: ['read'] }],
    [{ name: 'a\nb', scopes: ['read'] }],
    [{ name: 'x' }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['root'] }],
    [{ name: 'x', scopes: 'read' }],
    [{ name: 'x', scopes: ['read'], expiresAt: 'soon' }],
    [{ name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' }],
  ])('is not made of %j', async (json) => {
    const answer = await max.ask('POST', '/v1/tokens', { json });
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status: 400, code: 'RIG_BAD_REQUEST' });
  });
});

describe('a sign-in', () => {
  test('gives an access token of 15 minutes with the scopes of the API token', async () => {
    const { status, json, headers } = await exchange(max.token);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'read deploy shell admin' });
    const who = (await whoami(json.access_token)).json;
    expect(who.token.kind).toBe('access');
    expect(Date.parse(who.token.expiresAt) - Date.now()).toBeLessThanOrEqual(900_000);
  });

  test('may ask for less, not for more', async () => {
    const { token } = await makeToken(['read', 'deploy']);
    const narrow = (await exchange(token, { scope: 'read' })).json as TokenAnswer;
    expect(narrow.scope).toBe('read');
    const renewed = (await refresh(narrow.refresh_token)).json as TokenAnswer;
    expect(renewed.scope).toBe('read');
    expect((await max.ask('POST', '/v1/networks', { token: renewed.access_token, json: {} })).status).toBe(403);
    const more = await exchange(token, { scope: 'read admin' });
    expect({ status: more.status, error: more.json.error }).toEqual({ status: 400, error: 'invalid_scope' });
  });

  test('is renewed by a refresh token that holds once', async () => {
    const first = (await exchange(max.token)).json as TokenAnswer;
    const second = (await refresh(first.refresh_token)).json as TokenAnswer;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await whoami(second.access_token)).status).toBe(200);
  });

  test('is revoked as a whole when an old refresh token is used again; others go on', async () => {
    const other = (await exchange(max.token)).json as TokenAnswer;
    const first = (await exchange(max.token)).json as TokenAnswer;
    const second = (await refresh(first.refresh_token)).json as TokenAnswer;
    expect((await whoami(second.access_token)).status).toBe(200);
    const reused = await refresh(first.refresh_token);
    expect({ status: reused.status, error: reused.json.error }).toEqual({ status: 400, error: 'invalid_grant' });
    expect((await whoami(first.access_token)).status).toBe(401);
    expect((await whoami(second.access_token)).status).toBe(401);
    expect((await refresh(second.refresh_token)).json.error).toBe('invalid_grant');
    expect((await whoami(other.access_token)).status).toBe(200);
  });

  test('outlives an answer that was lost, also by a Max that ended: the old refresh token is sent again', async () => {
    const first = (await exchange(max.token)).json as TokenAnswer;
    const lost = (await refresh(first.refresh_token)).json as TokenAnswer;
    await max.stop();
    max = await openMax(max.dir);
    const lostToo = (await refresh(first.refresh_token)).json as TokenAnswer;
    const got = (await refresh(first.refresh_token)).json as TokenAnswer;
    for (const { access_token: token } of [lost, lostToo]) expect((await whoami(token)).status).toBe(401);
    expect((await whoami(got.access_token)).status).toBe(200);
    const next = (await refresh(got.refresh_token)).json as TokenAnswer;
    expect((await whoami(next.access_token)).status).toBe(200);
  });

  test('is revoked when a pair is used that was taken back, for then two have asked', async () => {
    const first = (await exchange(max.token)).json as TokenAnswer;
    const owners = (await refresh(first.refresh_token)).json as TokenAnswer;
    const thiefs = (await refresh(first.refresh_token)).json as TokenAnswer;
    expect((await whoami(thiefs.access_token)).status).toBe(200);
    expect((await whoami(owners.access_token)).status).toBe(401);
    expect((await refresh(owners.refresh_token)).json.error).toBe('invalid_grant');
    expect((await whoami(thiefs.access_token)).status).toBe(401);
    expect((await refresh(thiefs.refresh_token)).json.error).toBe('invalid_grant');
  });

  test.each<[what: string, use: (pair: TokenAnswer) => Promise<unknown>]>([
    ['its access token', ({ access_token: token }) => whoami(token)],
    ['its refresh token', ({ refresh_token: token }) => refresh(token)],
    [
      'nothing, but too late',
      async () => {
        const database = openDatabase(statePaths(max.dir).database);
        const longAgo = new Date(Date.now() - GRACE_MS - 1000).toISOString();
        database.run('UPDATE refresh_tokens SET used_at = ? WHERE used_at IS NOT NULL', [longAgo]);
        database.close();
      },
    ],
  ])('is revoked by the old refresh token once of the answer was used: %s', async (_what, use) => {
    const first = (await exchange(max.token)).json as TokenAnswer;
    const second = (await refresh(first.refresh_token)).json as TokenAnswer;
    await use(second);
    expect((await refresh(first.refresh_token)).json.error).toBe('invalid_grant');
    expect((await whoami(second.access_token)).status).toBe(401);
  });

  test.each(['access_token', 'refresh_token'] as const)('ends with the revocation of its %s', async (which) => {
    const pair = (await exchange(max.token)).json as TokenAnswer;
    expect((await max.ask('POST', '/oauth/revoke', { token: null, form: { token: pair[which] } })).status).toBe(200);
    expect((await whoami(pair.access_token)).status).toBe(401);
    expect((await refresh(pair.refresh_token)).status).toBe(400);
    expect((await whoami(max.token)).status).toBe(200);
  });

  test('ends with the API token that it was made with', async () => {
    const { id, token } = await makeToken(['read']);
    const pair = (await exchange(token)).json as TokenAnswer;
    await max.ask('DELETE', `/v1/tokens/${id}`);
    expect((await whoami(pair.access_token)).status).toBe(401);
    expect((await refresh(pair.refresh_token)).json.error).toBe('invalid_grant');
  });

  test('the revocation of what is no token is answered well (RFC 7009)', async () => {
    expect((await max.ask('POST', '/oauth/revoke', { token: null, form: { token: 'nonsense' } })).status).toBe(200);
  });

  test.each<[fields: Record<string, string>, error: string]>([
    [{}, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'refresh_token' }, 'invalid_request'],
    [{ grant_type: 'refresh_token', refresh_token: 'nonsense' }, 'invalid_grant'],
    [{ grant_type: GRANT_TOKEN_EXCHANGE }, 'invalid_request'],
    [{ grant_type: GRANT_TOKEN_EXCHANGE, subject_token: 'x', subject_token_type: 'saml' }, 'invalid_request'],
    [{ grant_type: GRANT_TOKEN_EXCHANGE, subject_token: 'x', subject_token_type: API_TOKEN_TYPE }, 'invalid_grant'],
  ])('is refused for %j', async (fields, error) => {
    const answer = await form(fields);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ error, error_description: expect.any(String) });
  });

  test('is refused in the form of RFC 6749 where the body is none', async () => {
    const json = await max.ask('POST', '/oauth/token', { token: null, json: { grant_type: 'x' } });
    expect({ status: json.status, error: json.json.error }).toEqual({ status: 400, error: 'invalid_request' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await max.ask('POST', '/oauth/token', { token: null, headers, body: 'grant_type=a&grant_type=b' });
    expect(twice.json).toEqual({ error: 'invalid_request', error_description: expect.stringContaining('twice') });
  });

  test('an access token cannot be exchanged for another', async () => {
    const pair = (await exchange(max.token)).json as TokenAnswer;
    expect((await exchange(pair.access_token)).json.error).toBe('invalid_grant');
  });
});

test('no token lies in the database or the log', async () => {
  const made = await makeToken(['read']);
  const pair = (await exchange(max.token)).json as TokenAnswer;
  const kept = await max.ask('POST', '/v1/tokens', {
    headers: { 'idempotency-key': 'once' },
    json: { name: 'k', scopes: ['read'] },
  });
  await max.ask('GET', `/v1/networks/${pair.access_token}`, {});
  const files = ['max.db', 'max.db-wal', 'max.log'].map((name) => readFileSync(join(max.dir, name)));
  for (const secret of [max.token, made.token, kept.json.token, pair.access_token, pair.refresh_token])
    for (const bytes of files) expect(bytes.includes(secret)).toBe(false);
  expect(max.log.join('\n')).not.toContain(pair.access_token);
});
