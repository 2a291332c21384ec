import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { ExitCode, RigError } from '@rig/plugin-api';

/** A secret under a passphrase: the key by scrypt, the content by AES-256-GCM, all in base64. */
export interface Sealed {
  kdf: { name: 'scrypt'; N: number; r: number; p: number; salt: string };
  cipher: 'aes-256-gcm';
  iv: string;
  tag: string;
  data: string;
}

const COST = { N: 2 ** 15, r: 8, p: 1 };
const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Seals and opens secrets under one passphrase. */
export interface Sealer {
  /** @param bound what the secret belongs to; it opens with the same alone */
  seal(secret: string, bound: string): Promise<Sealed>;
  /** @throws RigError `RIG_PASSPHRASE_WRONG` (4) */
  open(sealed: Sealed, bound: string): Promise<string>;
}

/** Makes a sealer; keys are derived once a salt, each derivation takes about a tenth of a second by design. */
export function createSealer(passphrase: string): Sealer {
  const keys = new Map<string, Promise<Buffer>>();
  const salt = randomBytes(16).toString('base64');
  const keyOf = ({ N, r, p, salt }: Sealed['kdf']): Promise<Buffer> => {
    const id = [N, r, p, salt].join();
    let key = keys.get(id);
    if (!key) {
      key = derive(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r });
      keys.set(id, key);
    }
    return key;
  };
  return {
    async seal(secret, bound) {
      const kdf: Sealed['kdf'] = { name: 'scrypt', ...COST, salt };
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', await keyOf(kdf), iv).setAAD(Buffer.from(bound));
      const data = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return {
        kdf,
        cipher: 'aes-256-gcm',
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        data: data.toString('base64'),
      };
    },
    async open(sealed, bound) {
      try {
        const key = await keyOf(sealed.kdf);
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), { authTagLength: 16 })
          .setAAD(Buffer.from(bound))
          .setAuthTag(Buffer.from(sealed.tag, 'base64'));
        return decipher.update(Buffer.from(sealed.data, 'base64'), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new RigError({
          code: 'RIG_PASSPHRASE_WRONG',
          message: 'the stored sign-in does not open with this RIG_PASSPHRASE',
          hint: 'set RIG_PASSPHRASE to the one it was stored under, or sign in anew with: rig login',
          exitCode: ExitCode.Denied,
          cause,
        });
      }
    },
  };
}
