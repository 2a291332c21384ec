import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SshHostKey } from '@rig/plugin-api/max';
import { ProblemError } from '../http/problem-error.ts';
import type { HostKey } from './host-key.ts';
import type { SshPlace } from './place.ts';

type SshModule = typeof import('./main.ts');

/** Loads what speaks SSH: a bundle of its own, as most who run a Max never need it; its source where rig runs from source. */
async function sshModule(): Promise<SshModule> {
  const built = new URL('./ssh.js', import.meta.url);
  const module = existsSync(fileURLToPath(built)) ? built : new URL('./main.ts', import.meta.url);
  return (await import(module.href)) as SshModule;
}

/** Max as an SSH host: its key, and what serves a connection. Both are made at their first use. */
export class SshHost {
  readonly #file: string;
  #key: Promise<HostKey> | undefined;

  /** @param file where the host key is kept */
  constructor(file: string) {
    this.#file = file;
  }

  /** What a client may know of the key. @throws ProblemError `RIG_HOST_KEY_UNREADABLE` (500) */
  async hostKey(): Promise<SshHostKey> {
    const { publicKey, fingerprint } = await this.#opened();
    return { publicKey, fingerprint };
  }

  /**
   * Speaks SSH over a stream that was authorised before, until either side ends it; gives why it failed, if it did.
   *
   * @throws ProblemError `RIG_HOST_KEY_UNREADABLE` (500)
   */
  async serve(stream: Duplex, place: SshPlace): Promise<string | undefined> {
    const [{ privateKey }, { serveSsh }] = await Promise.all([this.#opened(), sshModule()]);
    return serveSsh(stream, privateKey, place);
  }

  #opened(): Promise<HostKey> {
    this.#key ??= this.#open().catch((error: unknown) => {
      // It may be mended before the next one asks.
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #open(): Promise<HostKey> {
    const { openHostKey, UnreadableHostKey } = await sshModule();
    try {
      return openHostKey(this.#file);
    } catch (error) {
      if (!(error instanceof UnreadableHostKey)) throw error;
      throw new ProblemError(500, 'RIG_HOST_KEY_UNREADABLE', error.message, {
        fix: `bring it back from a backup, or remove it: Max makes another, and each user runs: rig ssh config`,
      });
    }
  }
}
