import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../io.ts';
import { redact } from './redact.ts';

/** So many reports are kept; older ones are removed. */
const KEPT = 20;

/** A text with everything that is known of a thrown value: name, message, stack and the causes underneath. */
export function describe(thrown: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let current: unknown = thrown;
  while (current !== undefined && current !== null && !seen.has(current) && parts.length < 10) {
    seen.add(current);
    if (!(current instanceof Error)) {
      parts.push(typeof current === 'object' ? `a thrown ${current.constructor?.name ?? 'object'}` : String(current));
      break;
    }
    const { code } = current as NodeJS.ErrnoException;
    parts.push(
      `${current.stack ?? `${current.name}: ${current.message}`}${code === undefined ? '' : `\n    code: ${code}`}`,
    );
    current = current.cause;
  }
  return parts.join('\ncaused by: ');
}

/**
 * Writes what is known of an internal error to a file that only this user can read. Arguments and variables are left
 * out, and what looks like a credential is redacted.
 *
 * @returns its path, or why it could not be written
 */
export function writeReport(
  thrown: unknown,
  io: Io,
  stateDir: string,
  version: string,
): { file: string } | { failed: string } {
  const dir = join(stateDir, 'reports');
  const when = new Date().toISOString();
  const text = [
    'rig met an error that it does not know.',
    '',
    `when      ${when}`,
    `rig       ${version}`,
    `node      ${io.self[0]}`,
    `platform  ${io.platform}`,
    '',
    redact(describe(thrown), io.env),
    '',
  ].join('\n');
  const file = join(dir, `${when.replace(/[:.]/g, '-')}-${Math.random().toString(36).slice(2, 8)}.txt`);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    const old = readdirSync(dir).filter((name) => /^\d{4}-.*\.txt$/.test(name));
    for (const name of old.sort().slice(0, -KEPT)) rmSync(join(dir, name), { force: true });
    return { file };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
