import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** What came, and how long it took. */
export interface Received {
  ms: number;
  bytes: number;
  /** SHA-256 in hex. */
  digest: string;
}

/** Reads a stream to its end. The digest is made then: it would slow every way down alike, and hide what differs. */
export async function receive(stream: Readable, began = performance.now()): Promise<Received> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const ms = performance.now() - began;
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return { ms, bytes: pieces.reduce((sum, { length }) => sum + length, 0), digest: hash.digest('hex') };
}

/** Megabytes a second. */
export const speed = ({ bytes, ms }: Received): number => bytes / 1e6 / (ms / 1000);

/** Fails where something else came than what was sent. */
export function demandSame(what: string, { digest, bytes }: Received, sent: { digest: string; bytes: number }): void {
  if (digest !== sent.digest)
    throw new Error(`${what}: ${bytes} bytes came, and not those ${sent.bytes} that were sent`);
}
