import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RigResult } from './rig.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8');

/** The codes that docs/errors.md explains. */
export const EXPLAINED: ReadonlySet<string> = new Set(
  [...PAGE.matchAll(/^\| `(RIG_[A-Z0-9_]+)` \|/gm)].map(([, code]) => code as string),
);

/** An error as a script gets it. */
export interface SaidError {
  code: string;
  message: string;
  hint?: string;
  exitCode: number;
}

/**
 * Checks what every error owes: nothing on stdout, one error and it comes last, a code that is explained, a hint, no stack.
 *
 * @param result of a command with `-o json` that had to fail
 */
export function saidError(what: string, { exitCode, stdout, stderr }: RigResult): SaidError {
  const told = `${what} ended with ${exitCode} and said:\n${stdout}${stderr}`;
  assert.notEqual(exitCode, 0, told);
  assert.equal(stdout, '', told);
  const records = stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SaidError & { level: string });
  const errors = records.filter(({ level }) => level === 'error');
  assert.equal(errors.length, 1, told);
  const error = records.at(-1) as SaidError & { level: string };
  assert.equal(error.level, 'error', told);
  assert.equal(error.exitCode, exitCode, told);
  assert.ok(EXPLAINED.has(error.code), `docs/errors.md does not explain ${error.code}: ${told}`);
  assert.ok(!['RIG_INTERNAL', 'RIG_STUCK'].includes(error.code), told);
  assert.ok(error.message.length > 10 && (error.hint ?? '').length > 5, told);
  assert.doesNotMatch(stderr, /^\s+at \S+ \(?.*:\d+:\d+\)?$/m, told);
  return error;
}
