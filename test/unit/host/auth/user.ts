import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuthOptions, createAuth, type HostAuth } from '../../../../host/src/auth/index.ts';
import { createTransport } from '../../../../host/src/http/index.ts';
import { processIo } from '../../../../host/src/io.ts';

/** A user with folders of their own, and all that rig said to them. */
export interface User {
  dir: string;
  file: string;
  said: string[];
  warned: string[];
  env: Record<string, string>;
  /** A rig of this user that acts at a server. */
  auth(server: string, options?: Partial<AuthOptions>): HostAuth;
  host(): Pick<AuthOptions, 'io' | 'dirs' | 'output'>;
  /** The texts of all files but the store itself. */
  otherFiles(): string;
  remove(): void;
}

/** Makes a user; the developer's keychain is never asked. */
export function createUser(
  env: Record<string, string> = { RIG_KEYCHAIN: 'off' },
  at = mkdtempSync(join(tmpdir(), 'rig-auth-')),
): User {
  const dir = join(at, 'rig');
  const file = join(dir, 'credentials.json');
  const said: string[] = [];
  const warned: string[] = [];
  const transports: Array<{ dispose(): void }> = [];
  const user: User = {
    dir,
    file,
    said,
    warned,
    env,
    host: () => ({
      io: { ...processIo('rig.cjs'), env: user.env },
      dirs: { data: dir },
      output: { note: (text) => void said.push(text), warn: (code, text) => void warned.push(`${code} ${text}`) },
    }),
    auth: (server, options = {}) =>
      createAuth({
        ...user.host(),
        target: () => ({ context: undefined, server }),
        transport: async () => {
          const transport = createTransport({ userAgent: 'rig/test' });
          transports.push(transport);
          return transport;
        },
        ...options,
      }),
    otherFiles: () =>
      readdirSync(at, { recursive: true, encoding: 'utf8' })
        .map((name) => join(at, name))
        .filter((path) => path !== file && statSync(path).isFile())
        .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
        .join('\n'),
    remove: () => {
      for (const transport of transports) transport.dispose();
      rmSync(at, { recursive: true, force: true });
    },
  };
  return user;
}
