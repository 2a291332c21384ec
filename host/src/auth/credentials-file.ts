import { join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { withLock } from '../lock.ts';
import type { AuthHost } from './host.ts';
import { cannotWrite, preparePrivateFolder, readPrivateFile, writePrivateFile } from './private-file.ts';
import { accountOf, type CredentialHead } from './record.ts';
import type { Sealed } from './seal.ts';

/** A credential as the file has it: the secret itself, sealed, or in the keychain under its account. */
export type StoredCredential = CredentialHead & ({ secret: string } | { sealed: Sealed } | { keychain: true });

/** The file of all credentials; it also lists those whose secret is in the keychain. */
export interface CredentialsFile {
  readonly path: string;
  /** Oldest first. @throws RigError `RIG_CREDENTIALS_UNSAFE`, `RIG_CREDENTIALS_BROKEN` (4) */
  read(): Promise<StoredCredential[]>;
  /** Adds credentials in place of those of the same account, and takes others out, in one step. */
  change(add: StoredCredential[], remove?: readonly CredentialHead[]): Promise<void>;
  /** Does some work while no other rig renews, adds or removes a sign-in of a server. */
  locked<T>(name: string, work: () => Promise<T>): Promise<T>;
}

const VERSION = 1;
const WRITE_WAIT_MS = 10_000;
// Longer than the slowest renewal may take.
const RENEW_WAIT_MS = 45_000;

function isStored(value: unknown): value is StoredCredential {
  const record = value as Partial<Record<keyof CredentialHead | 'secret' | 'sealed' | 'keychain', unknown>> | null;
  if (typeof record !== 'object' || record === null) return false;
  const { kind, server, subject, expiresAt, secret, sealed, keychain } = record;
  return (
    (kind === 'refresh' || kind === 'access' || kind === 'api') &&
    typeof server === 'string' &&
    typeof subject === 'string' &&
    (expiresAt === null || (typeof expiresAt === 'string' && !Number.isNaN(Date.parse(expiresAt)))) &&
    (typeof secret === 'string' || (typeof sealed === 'object' && sealed !== null) || keychain === true)
  );
}

function broken(path: string, why: string, hint?: string): RigError {
  return new RigError({
    code: 'RIG_CREDENTIALS_BROKEN',
    message: `the credentials in ${path} cannot be read: ${why}`,
    hint: hint ?? `put the file aside and sign in anew: mv ${path} ${path}.aside, then rig login`,
    exitCode: ExitCode.Denied,
  });
}

function parse(path: string, text: string): StoredCredential[] {
  let content: { version?: unknown; credentials?: unknown } | null;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text is secret.
    throw broken(path, 'it is not valid JSON');
  }
  const version = content?.version;
  if (typeof version === 'number' && version > VERSION) {
    throw broken(
      path,
      `a newer rig has written it (layout ${version}, this rig knows ${VERSION})`,
      'use the newer rig',
    );
  }
  const credentials = content?.credentials;
  if (version !== VERSION || !Array.isArray(credentials)) throw broken(path, 'it is not a file of credentials');
  if (!credentials.every(isStored)) throw broken(path, 'a record in it is not complete');
  return credentials;
}

/** Opens the user's file of credentials, `credentials.json` in rig's data folder; nothing is read yet. */
export function openCredentialsFile(host: AuthHost): CredentialsFile {
  const folder = host.dirs.data;
  const path = join(folder, 'credentials.json');
  const read = async (): Promise<StoredCredential[]> => {
    const text = await readPrivateFile(path, host);
    return text === undefined ? [] : parse(path, text);
  };
  const lock = async <T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> => {
    await preparePrivateFolder(folder, host);
    try {
      return await withLock(join(folder, file), host, { waitMs, what: 'the sign-in' }, work);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (!(error instanceof RigError) && code && syscall) throw cannotWrite(path, error);
      throw error;
    }
  };
  return {
    path,
    read,
    change: (add, remove = []) =>
      lock('credentials.lock', WRITE_WAIT_MS, async () => {
        const gone = new Set([...add, ...remove].map(accountOf));
        const kept = (await read()).filter((record) => !gone.has(accountOf(record)));
        await writePrivateFile(
          path,
          `${JSON.stringify({ version: VERSION, credentials: [...kept, ...add] }, null, 2)}\n`,
        );
      }),
    locked: (name, work) => lock(`credentials-${name}.lock`, RENEW_WAIT_MS, work),
  };
}
