import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../http/serve.ts';
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

const PROCESS = join(import.meta.dirname, 'rig-process.ts');
const rig = () =>
  execa(process.execPath, ['--import', 'tsx', '--conditions=rig-source', PROCESS, oauth.url, user.dir], {
    reject: false,
    all: true,
  });
const ended = async (
  child: ReturnType<typeof rig>,
): Promise<{ token?: string; code?: string; hint?: string; exitCode?: number }> => {
  const { stdout, all } = await child;
  if (!stdout) throw new Error(`no answer: ${all}`);
  return JSON.parse(stdout);
};
const hash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Signs in so that the next rig must renew. */
async function signInWithOldAccess(): Promise<void> {
  oauth.expiresIn = 20;
  await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
}

describe('an access token', () => {
  it('is taken from the store while it holds, without asking the server', async () => {
    await user.auth(oauth.url).login(oauth.url, 'sentinel-api-ada');
    const token = await user.auth(oauth.url).token();
    expect(oauth.holds(token)).toBe(true);
    expect(oauth.count).toMatchObject({ exchanges: 1, refreshes: 0 });
  });

  it('is renewed before it ends, once for all callers of a process', async () => {
    await signInWithOldAccess();
    oauth.expiresIn = 900;
    const auth = user.auth(oauth.url);
    const tokens = await Promise.all([auth.token(), auth.token(), auth.token()]);
    expect(new Set(tokens).size).toBe(1);
    expect(oauth.count.refreshes).toBe(1);
    expect(await auth.token()).toBe(tokens[0]);
    expect(await user.auth(oauth.url).token()).toBe(tokens[0]);
    expect(oauth.count.refreshes).toBe(1);
  });

  it('that the server refuses is renewed although it should hold', async () => {
    const auth = user.auth(oauth.url);
    await auth.login(oauth.url, 'sentinel-api-ada');
    const first = await auth.token();
    const second = await auth.renew(first);
    expect(second).not.toBe(first);
    expect(oauth.holds(second ?? '')).toBe(true);
    // Another rig that still has the first takes what is stored by now.
    expect(await user.auth(oauth.url).renew(first)).toBe(second);
    expect(oauth.count.refreshes).toBe(1);
  });
});

describe('rigs in several processes', () => {
  it('renew once, and all go on with the same token', async () => {
    await signInWithOldAccess();
    oauth.expiresIn = 900;
    const answers = await Promise.all(Array.from({ length: 4 }, () => ended(rig())));
    const token = await user.auth(oauth.url).token();
    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ token: hash(token) })));
    expect(oauth.count).toMatchObject({ refreshes: 1, reuses: 0 });
    expect(oauth.holds(token)).toBe(true);
  });

  it('that all must renew do so one after the other, and never with a used token', async () => {
    await signInWithOldAccess();
    const answers = await Promise.all(Array.from({ length: 4 }, () => ended(rig())));
    expect(new Set(answers.map(({ token }) => token)).size).toBe(4);
    expect(oauth.count).toMatchObject({ refreshes: 4, reuses: 0 });
    expect(user.otherFiles()).not.toContain('sentinel');
  });

  it('go on after one was killed before the server answered', async () => {
    await signInWithOldAccess();
    const asked = new Promise<void>((resolve) => {
      oauth.onGrant.before = () => {
        resolve();
        // This request is never carried out.
        return new Promise(() => {});
      };
    });
    const victim = rig();
    await asked;
    victim.kill('SIGKILL');
    await victim;
    oauth.onGrant = {};
    expect(readdirSync(user.dir).some((name) => /^credentials-.*\.lock$/.test(name))).toBe(true);
    expect(await ended(rig())).toHaveProperty('token');
    expect(readdirSync(user.dir)).toEqual(['credentials.json']);
  });

  it('say rig login after one was killed between the answer and the store', async () => {
    await signInWithOldAccess();
    const renewed = new Promise<void>((resolve) => {
      oauth.onGrant.after = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const victim = rig();
    await renewed;
    victim.kill('SIGKILL');
    await victim;
    oauth.onGrant = {};
    const answer = await ended(rig());
    expect(answer).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
    expect(answer.hint).toContain('rig login');
    expect(JSON.stringify(answer)).not.toContain('sentinel');
  });
});

describe('a sign-in that has ended at the server', () => {
  it('is said, forgotten, and mended by rig login', async () => {
    await signInWithOldAccess();
    oauth.revokeAll();
    const error = await failure(user.auth(oauth.url).token());
    expect(error).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
    expect(error.message).toContain('the sign-in of ada has ended');
    expect(await user.auth(oauth.url).identity()).toBeUndefined();
  });

  it('is kept while the server only cannot be reached', async () => {
    await signInWithOldAccess();
    await oauth.close();
    expect(await failure(user.auth(oauth.url).token())).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(await user.auth(oauth.url).identity()).toMatchObject({ subject: 'ada' });
    expect(existsSync(user.file)).toBe(true);
  });
});
