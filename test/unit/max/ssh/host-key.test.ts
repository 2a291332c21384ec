import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backup } from '../../../../plugins/max/src/backup/backup.ts';
import { restore } from '../../../../plugins/max/src/backup/restore.ts';
import { type MaxKit, openMax } from '../max-kit.ts';

let max: MaxKit;
beforeEach(async () => {
  max = await openMax();
});
afterEach(() => max.remove());

const file = (dir = max.dir): string => join(dir, 'ssh-host-key');
const hostKey = () => max.ask('GET', '/v1/ssh/host-key');

test('Max tells the key by which ssh knows it, and keeps it for its user alone', async () => {
  const { status, json } = await hostKey();
  expect(status).toBe(200);
  expect(json.publicKey).toMatch(/^ssh-ed25519 AAAA[\w+/]+=*$/);
  expect(json.fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  const kept = ssh2.utils.parseKey(readFileSync(file()));
  if (kept instanceof Error || Array.isArray(kept)) throw kept;
  expect(`ssh-ed25519 ${kept.getPublicSSH().toString('base64')}`).toBe(json.publicKey);
  expect((await hostKey()).json).toEqual(json);
});

test('whoever may not open a shell is not told', async () => {
  const made = await max.ask('POST', '/v1/tokens', { json: { name: 'deploys', scopes: ['read', 'deploy'] } });
  const answer = await max.ask('GET', '/v1/ssh/host-key', { token: made.json.token });
  expect(answer).toMatchObject({ status: 403, json: { code: 'RIG_FORBIDDEN' } });
});

test('a key that cannot be read is never replaced', async () => {
  writeFileSync(file(), 'no key');
  const answer = await hostKey();
  expect(answer).toMatchObject({ status: 500, json: { code: 'RIG_HOST_KEY_UNREADABLE' } });
  expect(answer.json.fix).toContain('rig ssh config');
  expect(readFileSync(file(), 'utf8')).toBe('no key');
});

test('it comes back from a backup', async () => {
  await hostKey();
  const to = join(max.dir, '..', 'restored');
  const archive = join(max.dir, '..', 'backup.tar.gz');
  const { signal } = new AbortController();
  const onProgress = (): void => undefined;
  await backup({ dir: max.dir, file: archive, force: false, version: '0.1.0', signal, onProgress });
  await restore({ dir: to, file: archive, signal, onProgress });
  expect(readFileSync(file(to))).toEqual(readFileSync(file()));
  expect(statSync(file(to)).mode & 0o777).toBe(0o600);
});
