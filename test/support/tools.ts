import { spawnSync } from 'node:child_process';

/** Gives the reason of a skip; with `RIG_TEST_NO_SKIPS`, as in CI, it is an error. */
export function refuseSkip(why: string): string {
  if (process.env.RIG_TEST_NO_SKIPS) throw new Error(`nothing may be skipped here, and ${why}`);
  return why;
}

/**
 * Whether all of these programs are installed: without them a suite skips itself by name.
 *
 * With `RIG_TEST_NO_SKIPS`, as in CI, a missing one is an error: what installs tools has forgotten it.
 */
export function hasTools(...names: string[]): boolean {
  const missing = names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length === 0) return true;
  refuseSkip(`these are not installed: ${missing.join(', ')}`);
  return false;
}
