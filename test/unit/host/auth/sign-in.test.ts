import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, serve } from '../http/serve.ts';
import { type OAuthServer, startOAuth } from './oauth-server.ts';
import { createUser, type User } from './user.ts';

let oauth: OAuthServer;
let user: User;
beforeEach(async () => {
  oauth = await startOAuth();
  user = createUser();
});
afterEach(async () => {
  user.remove();
  await oauth.close();
});

describe('login', () => {
  it('exchanges the API token, and says who, where and until when', async () => {
    const { identity, whoami } = await user.auth(oauth.url).login(`${oauth.url}/`, 'sentinel-api-ada');
    expect(identity).toMatchObject({ server: oauth.url, subject: 'ada', source: 'file' });
    expect(Date.parse(identity.expiresAt ?? '')).toBeGreaterThan(Date.now());
    expect(whoami.scopes).toEqual(['read', 'deploy']);
    expect(await user.auth(oauth.url).identity()).toEqual(identity);
  });

  it('stores the records of decision 11 and never the API token', async () => {
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    const text = readFileSync(user.file, 'utf8');
    expect(text).not.toContain('sentinel-api');
    const { version, credentials } = JSON.parse(text);
    expect(version).toBe(1);
    expect(credentials.map((each: object) => Object.keys(each).sort())).toEqual([
      ['expiresAt', 'kind', 'secret', 'server', 'subject'],
      ['expiresAt', 'kind', 'secret', 'server', 'subject'],
    ]);
    expect(credentials.map(({ kind }: { kind: string }) => kind)).toEqual(['refresh', 'access']);
  });

  it('says once where the sign-in lies', async () => {
    for (let i = 0; i < 2; i += 1) await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    expect(user.said).toEqual([
      `The sign-in is stored in ${user.file}: readable by your user alone, not encrypted (RIG_PASSPHRASE encrypts it).`,
    ]);
  });

  it('of the same user ends the sign-in before; of another keeps it', async () => {
    const auth = user.auth(oauth.url);
    await auth.login(oauth.url, 'sentinel-api-ada');
    const first = await auth.token();
    await auth.login(oauth.url, 'sentinel-api-ada');
    expect(oauth.holds(first)).toBe(false);
    const second = await auth.token();
    await auth.login(oauth.url, 'sentinel-api-bob');
    expect(oauth.holds(second)).toBe(true);
    expect(await auth.identity()).toMatchObject({ subject: 'bob' });
    const ada = user.auth(oauth.url, { subject: () => 'ada' });
    expect(await ada.token()).toBe(second);
  });

  it('with a token that the server refuses is RIG_TOKEN_REFUSED, without the token', async () => {
    const error = await failure(user.auth(oauth.url).login(oauth.url, 'sentinel-unknown'));
    expect(error).toMatchObject({ code: 'RIG_TOKEN_REFUSED', exitCode: 4 });
    expect(error.message).toContain('… is no API token');
    expect(inspect(error, { depth: 9 })).not.toContain('sentinel-unknown');
  });

  it.each([
    ['', 'RIG_EMPTY_TOKEN'],
    ['two\nlines', 'RIG_BAD_TOKEN'],
    ['blank in it', 'RIG_BAD_TOKEN'],
    ['tökén', 'RIG_BAD_TOKEN'],
    ['x'.repeat(9000), 'RIG_BAD_TOKEN'],
  ])('with the token %j is %s before anything is sent', async (token, code) => {
    expect(await failure(user.auth(oauth.url).login(oauth.url, token))).toMatchObject({ code, exitCode: 2 });
    expect(oauth.asked).toHaveLength(0);
  });

  it('never sends a token to another machine without TLS', async () => {
    const error = await failure(user.auth(oauth.url).login('http://max.example.com', 'sentinel-api-ada'));
    expect(error).toMatchObject({ code: 'RIG_INSECURE_SERVER', exitCode: 2 });
  });

  it('at something that is no Max says so', async () => {
    const other = await serve(
      (_, response) => void response.writeHead(404, { 'content-type': 'application/json' }).end('{}'),
    );
    expect(await failure(user.auth(other.url).login(other.url, 'sentinel-api-ada'))).toMatchObject({
      code: 'RIG_NOT_MAX',
    });
    await other.close();
  });

  it('at a Max that answers without a refresh token stores nothing', async () => {
    const other = await serve((_, response) => {
      response.writeHead(200, { 'max-api': '1', 'content-type': 'application/json' });
      response.end('{"access_token":"sentinel-x","expires_in":9}');
    });
    const error = await failure(user.auth(other.url).login(other.url, 'sentinel-api-ada'));
    expect(error).toMatchObject({ code: 'RIG_BAD_ANSWER' });
    expect(inspect(error)).not.toContain('sentinel-x');
    expect(await user.auth(other.url).identity()).toBeUndefined();
    await other.close();
  });
});

describe('a sign-in that cannot be stored', () => {
  it('is ended at the server', async () => {
    // Another rig breaks the file between the exchange and the store.
    oauth.onGrant.after = () => {
      mkdirSync(user.dir, { recursive: true });
      writeFileSync(user.file, 'broken', { mode: 0o600 });
    };
    expect(await failure(user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada'))).toMatchObject({
      code: 'RIG_CREDENTIALS_BROKEN',
    });
    expect(oauth.handedOut.some((token) => oauth.holds(token))).toBe(false);
    expect(oauth.count.revokes).toBe(1);
  });

  it('once renewed still serves its command, with a warning', async () => {
    oauth.expiresIn = 20;
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    oauth.onGrant.after = () => {
      rmSync(user.file);
      mkdirSync(user.file);
    };
    const token = await user.auth(oauth.url).token();
    expect(oauth.holds(token)).toBe(true);
    expect(user.warned).toEqual([expect.stringMatching(/^RIG_CREDENTIALS_UNSAFE .*sign in again with: rig login/)]);
    expect(user.warned.join()).not.toContain('sentinel');
  });
});

describe('without a sign-in', () => {
  it('token() is RIG_NOT_SIGNED_IN with a command that can be pasted', async () => {
    expect(await failure(user.auth(oauth.url).token())).toMatchObject({
      code: 'RIG_NOT_SIGNED_IN',
      exitCode: 4,
      hint: `sign in with: rig max token | rig login --server ${oauth.url} --token-stdin`,
    });
  });

  it('a token of one server is not used at another', async () => {
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    expect(await failure(user.auth('https://max.example.com').token())).toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
  });
});

describe('RIG_TOKEN', () => {
  it('beats the stored sign-in, is sent as it is, and is never renewed', async () => {
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    user.env = { ...user.env, RIG_TOKEN: 'sentinel-api-bob' };
    const auth = user.auth(oauth.url);
    expect(await auth.token()).toBe('sentinel-api-bob');
    expect(await failure(auth.renew('sentinel-api-bob'))).toMatchObject({
      code: 'RIG_NOT_SIGNED_IN',
      exitCode: 4,
      hint: expect.stringContaining('unset it'),
    });
    expect(await auth.identity()).toMatchObject({ source: 'environment' });
  });

  it('that is empty is not there', async () => {
    user.env = { ...user.env, RIG_TOKEN: '' };
    expect(await failure(user.auth(oauth.url).token())).toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
  });

  it.each([
    ['of two lines', 'sentinel\nb', oauth, 'RIG_BAD_TOKEN'],
    ['for a server without TLS', 'sentinel-b', { url: 'http://max.example.com' }, 'RIG_INSECURE_SERVER'],
  ])('%s is refused', async (_, token, server, code) => {
    user.env = { ...user.env, RIG_TOKEN: token };
    const error = await failure(user.auth(server?.url ?? oauth.url).token());
    expect(error.code).toBe(code);
    expect(inspect(error)).not.toContain('sentinel');
  });
});

describe('logout', () => {
  it('ends the sign-in at the server and forgets it', async () => {
    const auth = user.auth(oauth.url);
    await auth.login(oauth.url, 'sentinel-api-ada');
    const token = await auth.token();
    expect(await auth.logout({ all: false })).toEqual([
      { server: oauth.url, subject: 'ada', revoked: true, reason: undefined },
    ]);
    expect(oauth.holds(token)).toBe(false);
    expect(await failure(auth.token())).toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
    expect(readFileSync(user.file, 'utf8')).not.toContain('sentinel');
    expect(await auth.logout({ all: false })).toEqual([]);
  });

  it('offline forgets it all the same, and says that the server was not told', async () => {
    const auth = user.auth(oauth.url);
    await auth.login(oauth.url, 'sentinel-api-ada');
    await oauth.close();
    const [ended] = await auth.logout({ all: false });
    expect(ended).toMatchObject({ revoked: false });
    expect(ended?.reason).toContain('cannot reach Max');
    expect(readFileSync(user.file, 'utf8')).not.toContain('sentinel');
  });

  it('ends one server alone, or all', async () => {
    const other = await startOAuth();
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    await user.auth(oauth.url).login(other.url, 'sentinel-api-ada');
    await user.auth(oauth.url).login(other.url, 'sentinel-api-bob');
    expect(await user.auth(other.url, { subject: () => 'bob' }).logout({ all: false })).toHaveLength(1);
    expect((await user.auth(oauth.url).logout({ all: true })).map(({ server }) => server).sort()).toEqual(
      [oauth.url, other.url].sort(),
    );
    expect([oauth.count.revokes, other.count.revokes]).toEqual([1, 2]);
    await other.close();
  });
});

describe('no secret', () => {
  it('is in anything that is said or in any file but the store', async () => {
    const auth = user.auth(oauth.url);
    await auth.login(oauth.url, 'sentinel-api-ada');
    oauth.expiresIn = 20;
    await auth.renew(await auth.token());
    await auth.token();
    const identity = await auth.identity();
    await failure(user.auth(oauth.url).login(oauth.url, 'sentinel-wrong'));
    expect(oauth.handedOut.length).toBeGreaterThan(4);
    expect(`${inspect(identity)}${user.said}${user.warned}${user.otherFiles()}`).not.toContain('sentinel');
  });
});
