import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import { writePrivateFile } from '../store/private-file.ts';

/** The key by which a client knows that it talks to this Max. */
export interface HostKey {
  /** In OpenSSH's form, as the file has it. */
  privateKey: string;
  /** `ssh-ed25519 AAAA…`, as a line of `known_hosts` has it. */
  publicKey: string;
  /** `SHA256:…`, as ssh shows it. */
  fingerprint: string;
}

/** The file with Max's SSH host key is there and holds none. */
export class UnreadableHostKey extends Error {}

/**
 * Reads the host key's file, or makes it: at the first use, as most who run a Max never use ssh.
 *
 * @throws UnreadableHostKey where the file holds something else: a new key in its place would look like an attack
 */
export function openHostKey(file: string): HostKey {
  let privateKey: string;
  try {
    privateKey = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    privateKey = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'max' }).private;
    writePrivateFile(file, privateKey);
  }
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error || Array.isArray(parsed) || !parsed.isPrivateKey())
    throw new UnreadableHostKey(`${file} holds no SSH host key`);
  const blob = parsed.getPublicSSH();
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    privateKey,
    publicKey: `${parsed.type} ${blob.toString('base64')}`,
    fingerprint: `SHA256:${digest}`,
  };
}
