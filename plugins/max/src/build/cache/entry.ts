import { readFile } from 'node:fs/promises';
import type { ArchiveDigest } from './archive.ts';

/** What the content of an archive depends on: a value by the name that a person knows it by. Never a secret's value. */
export type Fingerprint = Readonly<Record<string, string>>;

/** An archive in the cache and what it was made from. */
export interface Entry extends ArchiveDigest {
  format: 1;
  fingerprint: Fingerprint;
  /** The archive's name beside this. */
  file: string;
  /** What of the folder is in it. */
  paths: string[];
  /** The folder that it was made in. */
  root: string;
  /** ISO 8601 in UTC. */
  savedAt: string;
}

/** Reads an entry; `undefined` where there is none, `damaged` where it cannot be read as one. */
export async function readEntry(file: string): Promise<Entry | 'damaged' | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'damaged';
  }
  try {
    const entry = JSON.parse(text) as Entry;
    const whole =
      entry.format === 1 &&
      /^[\w.-]+$/.test(entry.file) &&
      /^[0-9a-f]{64}$/.test(entry.digest) &&
      Number.isSafeInteger(entry.bytes) &&
      typeof entry.root === 'string' &&
      Array.isArray(entry.paths) &&
      typeof entry.fingerprint === 'object' &&
      entry.fingerprint !== null;
    return whole ? entry : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** The names of what differs between two fingerprints. */
export function changedParts(before: Fingerprint, now: Fingerprint): string[] {
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((name) => before[name] !== now[name]);
}
