import './runtime.ts';

import { createReadStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { RigCommand, Services } from '@rig/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Login } from '../../../../host/src/commands/login.ts';
import { Logout } from '../../../../host/src/commands/logout.ts';
import { WhoAmI } from '../../../../host/src/commands/whoami.ts';
import { createConfig } from '../../../../host/src/config/index.ts';
import { createHttp } from '../../../../host/src/http/index.ts';
import { processIo } from '../../../../host/src/io.ts';
import { type OAuthServer, startOAuth } from '../auth/oauth-server.ts';
import { createUser, type User } from '../auth/user.ts';
import { failure } from '../http/serve.ts';

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

const configFile = (): string => join(user.dir, 'config', 'config.json');
/** Runs a command with the real services of a rig, and all it says collected by the user. */
async function run<T>(
  Class: new () => RigCommand<T>,
  options: Record<string, unknown> = {},
  { stdin = '', flags = {} }: { stdin?: string | Readable; flags?: Record<string, string> } = {},
): Promise<T> {
  const io = { ...processIo('rig.cjs'), env: user.env, cwd: user.dir, home: user.dir };
  const config = await createConfig({
    io,
    dirs: { config: join(user.dir, 'config') },
    flags,
    pluginSettings: {},
    warn: (code, text) => void user.warned.push(`${code} ${text}`),
  });
  const target = () => config.target();
  const subject = () => config.get(`contexts.${config.target().context}.subject`);
  const auth = user.auth('', { target, subject });
  const http = createHttp({
    target,
    token: () => auth.token(),
    onUnauthorized: (token) => auth.renew(token),
    userAgent: 'rig/test',
  });
  const say = (text: string): void => void user.said.push(text);
  const services = {
    signal: new AbortController().signal,
    output: {
      note: say,
      target: async (what: string) => say(what),
      warn: (code: string, text: string) => void user.warned.push(`${code} ${text}`),
    },
    config: async () => config,
    auth: async () => auth,
    http: async () => http,
    stdin: () => (typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) : stdin),
    runtime: { env: user.env },
  } as unknown as Services;
  try {
    return (await Object.assign(new Class(), options).run(services)) as T;
  } finally {
    http.dispose();
  }
}
const login = (stdin: string | Readable = 'sentinel-api-ada\n', options: object = {}, flags = {}) =>
  run(Login, { server: oauth.url, tokenStdin: true, ...options }, { stdin, flags });

const folder = (): Readable => {
  mkdirSync(user.dir, { recursive: true });
  return createReadStream(user.dir);
};

describe('rig login', () => {
  it('stores the sign-in and makes the context of this machine current', async () => {
    expect(await login()).toMatchObject({
      server: oauth.url,
      context: 'local',
      user: 'ada',
      scopes: ['read', 'deploy'],
      source: 'file',
    });
    expect(JSON.parse(readFileSync(configFile(), 'utf8'))).toEqual({
      context: 'local',
      contexts: { local: { server: oauth.url, subject: 'ada' } },
    });
    expect(await run(WhoAmI)).toMatchObject({
      user: 'ada',
      userId: 'usr_ada',
      server: oauth.url,
      context: 'local',
      source: 'file',
    });
  });

  it.each(['sentinel-api-ada', 'sentinel-api-ada\n', 'sentinel-api-ada\r\n'])('takes the token %j', async (text) => {
    expect((await login(text)).user).toBe('ada');
  });

  it('takes the server of the context when there is no --server', async () => {
    await login();
    expect(await login('sentinel-api-bob', { server: undefined })).toMatchObject({ context: 'local', user: 'bob' });
    expect(await run(WhoAmI)).toMatchObject({ user: 'bob' });
  });

  it('at another server makes another context and leaves the current one', async () => {
    await login();
    const other = await startOAuth();
    expect(await login('sentinel-api-bob', { server: other.url })).toMatchObject({ context: 'local-2', user: 'bob' });
    expect(user.said).toContain('To make local-2 the current context: rig config set context local-2');
    expect(await run(WhoAmI)).toMatchObject({ user: 'ada', context: 'local' });
    expect(await run(WhoAmI, {}, { flags: { context: 'local-2' } })).toMatchObject({ user: 'bob', server: other.url });
    await other.close();
  });

  it('writes the context that --context names', async () => {
    expect(await login(undefined, {}, { context: 'work' })).toMatchObject({ context: 'work' });
    expect(await failure(login(undefined, {}, { context: 'a b' }))).toMatchObject({
      code: 'RIG_BAD_CONTEXT_NAME',
      exitCode: 2,
    });
  });

  it.each([
    ['', 'RIG_EMPTY_TOKEN'],
    ['\n', 'RIG_EMPTY_TOKEN'],
    ['a\nb\n', 'RIG_BAD_TOKEN'],
    ['x'.repeat(200_000), 'RIG_BAD_TOKEN'],
  ])('number %# on standard input is refused, and nothing sent', async (text, code) => {
    expect(await failure(login(text))).toMatchObject({ code, exitCode: 2 });
    expect(oauth.asked).toHaveLength(0);
  });

  it('without --token-stdin says how', async () => {
    const error = await failure(login('x', { tokenStdin: false }));
    expect(error).toMatchObject({ code: 'RIG_NO_TOKEN', exitCode: 2 });
    expect(error.hint).toContain(`rig login --server ${oauth.url} --token-stdin`);
  });

  it('reads no token from a terminal', async () => {
    const terminal = Object.assign(new Readable({ read() {} }), { isTTY: true });
    expect(await failure(login(terminal))).toMatchObject({ code: 'RIG_TOKEN_STDIN_TERMINAL', exitCode: 2 });
  });

  it('whose standard input is a folder says so', async () => {
    expect(await failure(login(folder()))).toMatchObject({
      code: 'RIG_STDIN_UNREADABLE',
      exitCode: 2,
      message: expect.stringContaining('EISDIR'),
    });
  });

  it.each([
    [undefined, 'RIG_NO_SERVER'],
    ['max.example.com', 'RIG_BAD_SERVER'],
    ['http://max.example.com', 'RIG_INSECURE_SERVER'],
  ])('with the server %s is %s', async (server, code) => {
    expect(await failure(login(undefined, { server }))).toMatchObject({ code, exitCode: 2 });
  });

  it('that fails changes no context', async () => {
    await login();
    const before = readFileSync(configFile(), 'utf8');
    expect(await failure(login('sentinel-nobody'))).toMatchObject({ code: 'RIG_TOKEN_REFUSED', exitCode: 4 });
    expect(readFileSync(configFile(), 'utf8')).toBe(before);
    expect(await run(WhoAmI)).toMatchObject({ user: 'ada' });
  });

  it('warns where RIG_TOKEN beats it', async () => {
    user.env = { ...user.env, RIG_TOKEN: 'sentinel-api-bob' };
    await login();
    expect(user.warned).toEqual([expect.stringMatching(/^RIG_TOKEN_WINS /)]);
    expect(await run(WhoAmI)).toMatchObject({ user: 'bob', source: 'environment', expiresAt: null });
  });
});

describe('rig whoami', () => {
  it('ends with 4 where nobody is signed in', async () => {
    user.env = { ...user.env, RIG_SERVER: oauth.url };
    expect(await failure(run(WhoAmI))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
  });

  it('ends with 4 where the sign-in no longer holds', async () => {
    await login();
    oauth.revokeAll();
    expect(await failure(run(WhoAmI))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
  });

  it('signs in by RIG_SERVER and RIG_TOKEN alone', async () => {
    user.env = { ...user.env, RIG_SERVER: oauth.url, RIG_TOKEN: 'sentinel-api-ada' };
    expect(await run(WhoAmI)).toMatchObject({ user: 'ada', context: null, source: 'environment' });
  });
});

describe('rig logout', () => {
  it('ends the sign-in; a second time nobody was signed in', async () => {
    await login();
    expect(await run(Logout)).toEqual([{ server: oauth.url, user: 'ada', revoked: true }]);
    expect(await run(Logout)).toEqual([]);
    expect(await failure(run(WhoAmI))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
  });

  it('offline says that the server was not told', async () => {
    await login();
    await oauth.close();
    expect(await run(Logout)).toEqual([{ server: oauth.url, user: 'ada', revoked: false }]);
    expect(user.warned).toEqual([expect.stringMatching(/^RIG_NOT_REVOKED .*cannot reach Max/)]);
  });

  it('--all works without a context, and says that RIG_TOKEN stays', async () => {
    await login();
    const other = await startOAuth();
    await login('sentinel-api-bob', { server: other.url });
    user.env = { ...user.env, RIG_TOKEN: 'sentinel-api-bob' };
    expect(await run(Logout, { all: true })).toHaveLength(2);
    expect(user.warned.at(-1)).toMatch(/^RIG_TOKEN_STAYS /);
    await other.close();
  });
});

it('no secret is said, or in a file but the store', async () => {
  await login();
  await run(WhoAmI);
  await failure(login('sentinel-nobody'));
  await run(Logout);
  expect(`${user.said}${user.warned}${user.otherFiles()}`).not.toContain('sentinel');
});
