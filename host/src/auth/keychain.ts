import { isRigError } from '@rig/plugin-api';
import type { AuthHost } from './host.ts';

/** The keychain of the operating system. */
export interface Keychain {
  get(account: string): Promise<string | undefined>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
}

/** The keychain, or why it is out of reach: completes "the keychain is out of reach: …". */
export type KeychainAccess = { keychain: Keychain; reason?: undefined } | { keychain?: undefined; reason: string };

const SERVICE = 'rig';
const DEADLINE_MS = 60_000;

/** Loads the module that speaks to the keychain; it is optional, and native. */
async function loadModule(): Promise<typeof import('keytar')> {
  const module = (await import('keytar')) as typeof import('keytar') & { default?: typeof import('keytar') };
  return module.default ?? module;
}

function reasonOf(error: unknown, host: AuthHost): string {
  const text = error instanceof Error ? error.message : String(error);
  if (host.io.platform === 'linux') {
    if (!host.io.env.DBUS_SESSION_BUS_ADDRESS) return 'there is no D-Bus session here, as over ssh';
    if (/not provided by any|ServiceUnknown|secrets/i.test(text)) {
      return 'no Secret Service runs here (GNOME Keyring, KWallet or KeePassXC)';
    }
  }
  return (text.split('\n', 1)[0] ?? '').slice(0, 200) || 'it gives no reason';
}

/** Fails where a keychain waits for a person who does not come: a locked one may ask on a screen nobody sees. */
async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not answer within 60 s; is it locked?')), DEADLINE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Opens the keychain, or says why there is none: `RIG_KEYCHAIN=off`, no module for this platform, no service. */
export async function openKeychain(host: AuthHost): Promise<KeychainAccess> {
  if (host.io.env.RIG_KEYCHAIN === 'off') return { reason: 'RIG_KEYCHAIN=off' };
  let module: Awaited<ReturnType<typeof loadModule>>;
  try {
    module = await loadModule();
  } catch {
    return { reason: 'its module (keytar, an optional part of rig) is not installed for this platform' };
  }
  const entry = (account: string): InstanceType<typeof module.AsyncEntry> =>
    // Without a named store Linux would silently use the kernel's keyring, which is gone at reboot.
    new module.AsyncEntry(
      SERVICE,
      account,
      host.io.platform === 'linux' ? { linux: { store: 'secret-service' } } : undefined,
    );
  try {
    entry('probe');
  } catch (error) {
    return { reason: reasonOf(error, host) };
  }
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await within(work());
    } catch (error) {
      if (isRigError(error)) throw error;
      throw new Error(reasonOf(error, host), { cause: error });
    }
  };
  return {
    keychain: {
      get: (account) => explained(async () => (await entry(account).getPassword()) ?? undefined),
      set: (account, secret) => explained(() => entry(account).setPassword(secret)),
      remove: (account) => explained(async () => void (await entry(account).deleteCredential())),
    },
  };
}
