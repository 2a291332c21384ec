import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { databaseUnreadable } from './errors.ts';
import { writePrivateFile } from './private-file.ts';

/** Encrypts what must come back but must not lie about in the clear: AES-256-GCM under a key in a file of its own. */
export class Seal {
  readonly #key: Buffer;
  readonly #digestKey: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
    this.#digestKey = Buffer.from(hkdfSync('sha256', key, '', 'digest', 32));
  }

  /**
   * Reads the key's file, or makes it.
   *
   * @throws RigError `RIG_DATABASE_UNREADABLE` when the file is not a key
   */
  static open(file: string): Seal {
    let key: Buffer;
    try {
      key = readFileSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      key = randomBytes(32);
      writePrivateFile(file, key);
    }
    if (key.length !== 32) throw databaseUnreadable(file, `it holds ${key.length} bytes, and a key has 32`);
    return new Seal(key);
  }

  /** Encrypts; it opens with the same `place` alone, so that nobody can put it in the place of another. */
  close(plain: Uint8Array, place = ''): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** Decrypts; throws where it was changed, or sealed under another key or for another place. */
  open(sealed: Uint8Array, place = ''): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  }

  /** A keyed digest in hex: tells equal from different, and cannot be guessed back without the key. */
  digest(place: string, text: string): string {
    return createHmac('sha256', this.#digestKey).update(`${place}\0`).update(text).digest('hex');
  }
}
