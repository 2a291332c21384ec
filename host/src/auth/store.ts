import { createHash } from 'node:crypto';
import { ExitCode, RigError } from '@rig/plugin-api';
import { loginCommand } from '../http/server-url.ts';
import { openCredentialsFile, type StoredCredential } from './credentials-file.ts';
import type { AuthHost } from './host.ts';
import { type Keychain, type KeychainAccess, openKeychain } from './keychain.ts';
import { accountOf, type Credential, type CredentialHead, type CredentialKind } from './record.ts';
import { createSealer, type Sealer } from './seal.ts';

/** Where a secret lies. */
export type Place = 'keychain' | 'file';

/** A stored credential without its secret. */
export type FoundCredential = CredentialHead & { place: Place };

/** The credentials of this user. */
export interface CredentialStore {
  /** The newest of a kind for a server, and for a user of it where one is named. */
  find(kind: CredentialKind, server: string, subject?: string): Promise<FoundCredential | undefined>;
  list(): Promise<FoundCredential[]>;
  /** The secret; `undefined` where it is gone. @throws RigError `RIG_KEYCHAIN_UNREACHABLE`, `RIG_PASSPHRASE_MISSING` (4) */
  reveal(found: FoundCredential): Promise<string | undefined>;
  /** Stores credentials together; with no place named the keychain if it is in reach. Gives the place that was used. */
  save(credentials: Credential[], place?: Place): Promise<Place>;
  /** Forgets credentials, in the file and in the keychain. */
  remove(found: readonly FoundCredential[]): Promise<void>;
  /** Does some work while no other rig changes the sign-in at a server. */
  locked<T>(server: string, work: () => Promise<T>): Promise<T>;
}

const headOf = ({ kind, server, subject, expiresAt }: CredentialHead): CredentialHead => ({
  kind,
  server,
  subject,
  expiresAt,
});
const placeOf = (stored: StoredCredential): Place => ('keychain' in stored ? 'keychain' : 'file');
/** Ties a sealed secret to its record, so that nobody who edits the file can have it sent to another server. */
const boundTo = ({ kind, server, subject, expiresAt }: CredentialHead): string =>
  JSON.stringify([kind, server, subject, expiresAt]);

/** Opens the store of this user; nothing is read, no keychain is asked before it has to be. */
export function openStore(
  host: AuthHost,
  open: (host: AuthHost) => Promise<KeychainAccess> = openKeychain,
): CredentialStore {
  const file = openCredentialsFile(host);
  const passphrase = host.io.env.RIG_PASSPHRASE || undefined;
  let sealer: Sealer | undefined;
  let access: Promise<KeychainAccess> | undefined;
  const keychain = (): Promise<KeychainAccess> => {
    access ??= open(host);
    return access;
  };
  const sealing = (phrase: string): Sealer => {
    sealer ??= createSealer(phrase);
    return sealer;
  };

  async function fromKeychain(head: CredentialHead): Promise<string | undefined> {
    const found = await keychain();
    try {
      if (found.keychain) return await found.keychain.get(accountOf(head));
    } catch (error) {
      throw outOfReach(head, (error as Error).message);
    }
    throw outOfReach(head, found.reason);
  }

  async function putIntoKeychain(chain: Keychain, credentials: Credential[]): Promise<void> {
    for (const credential of credentials) await chain.set(accountOf(credential), credential.secret);
    await file.change(credentials.map((credential) => ({ ...headOf(credential), keychain: true })));
  }

  async function putIntoFile(credentials: Credential[], reason: string | undefined): Promise<void> {
    const isFirst = !(await file.read()).some((stored) => placeOf(stored) === 'file');
    const stored: StoredCredential[] = [];
    for (const credential of credentials) {
      const head = headOf(credential);
      stored.push(
        passphrase === undefined
          ? { ...head, secret: credential.secret }
          : { ...head, sealed: await sealing(passphrase).seal(credential.secret, boundTo(head)) },
      );
    }
    await file.change(stored);
    if (!isFirst) return;
    host.output.note(
      passphrase === undefined
        ? `The sign-in is stored in ${file.path}: readable by your user alone, not encrypted (RIG_PASSPHRASE encrypts it).`
        : `The sign-in is stored in ${file.path}, encrypted under RIG_PASSPHRASE.`,
    );
    if (reason !== undefined && host.io.env.RIG_KEYCHAIN !== 'off')
      host.output.note(`The keychain is out of reach: ${reason}.`);
  }

  const list = async (): Promise<FoundCredential[]> =>
    (await file.read()).map((stored) => ({ ...headOf(stored), place: placeOf(stored) }));

  return {
    list,
    async find(kind, server, subject) {
      const all = await list();
      return all.findLast(
        (found) =>
          found.kind === kind && found.server === server && (subject === undefined || found.subject === subject),
      );
    },
    async reveal(found) {
      const account = accountOf(found);
      const stored = (await file.read()).find((candidate) => accountOf(candidate) === account);
      if (stored === undefined) return undefined;
      if ('secret' in stored) return stored.secret;
      if ('keychain' in stored) return fromKeychain(stored);
      if (passphrase === undefined) throw passphraseMissing(stored);
      return sealing(passphrase).open(stored.sealed, boundTo(stored));
    },
    async save(credentials, place) {
      if (place === 'file') {
        await putIntoFile(credentials, undefined);
        return 'file';
      }
      const found = await keychain();
      let { reason } = found;
      if (found.keychain) {
        try {
          await putIntoKeychain(found.keychain, credentials);
          return 'keychain';
        } catch (error) {
          if (error instanceof RigError) throw error;
          reason = (error as Error).message;
        }
      }
      await putIntoFile(credentials, reason);
      return 'file';
    },
    async remove(found) {
      await file.change([], found);
      const kept: string[] = [];
      for (const head of found) {
        if (head.place !== 'keychain') continue;
        const { keychain: chain } = await keychain();
        const removed = chain?.remove(accountOf(head)).then(
          () => true,
          () => false,
        );
        if (!(await removed)) kept.push(`"${accountOf(head)}"`);
      }
      if (kept.length > 0) {
        host.output.warn(
          'RIG_KEYCHAIN_UNREACHABLE',
          `the keychain is out of reach, so its entries of the service "${SERVICE_NAME}" stay there until you remove them: ${kept.join(', ')}`,
        );
      }
    },
    locked: (server, work) => file.locked(createHash('sha256').update(server).digest('hex').slice(0, 16), work),
  };
}

const SERVICE_NAME = 'rig';

const outOfReach = ({ server, subject }: CredentialHead, reason: string): RigError =>
  new RigError({
    code: 'RIG_KEYCHAIN_UNREACHABLE',
    message: `the sign-in of ${subject} at ${server} lies in the keychain, which is out of reach: ${reason}`,
    hint: `sign in here with a file in its place: ${loginCommand(server)}; or set RIG_TOKEN`,
    exitCode: ExitCode.Denied,
  });

const passphraseMissing = ({ server, subject }: CredentialHead): RigError =>
  new RigError({
    code: 'RIG_PASSPHRASE_MISSING',
    message: `the sign-in of ${subject} at ${server} is stored encrypted, and RIG_PASSPHRASE is not set`,
    hint: 'set RIG_PASSPHRASE to the passphrase that it was stored under, or sign in anew with: rig login',
    exitCode: ExitCode.Denied,
  });
