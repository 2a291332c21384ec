import { ExitCode, RigError } from '@rig/plugin-api';
import { isReservedKey, KEY_MAX_BYTES, KEY_PATTERN, VALUE_MAX_BYTES } from '@rig/plugin-api/max';

const usage = (code: 'RIG_BAD_KEY' | 'RIG_BAD_VALUE' | 'RIG_VALUE_SOURCE', message: string, hint: string): RigError =>
  new RigError({ code, message, hint, exitCode: ExitCode.Usage });

/**
 * Refuses names that no var or secret can have. What was typed is not said: it may be a value in the wrong place.
 *
 * @throws RigError `RIG_BAD_KEY` (2)
 */
export function checkKeys(keys: readonly string[], kind: 'var' | 'secret'): void {
  for (const [at, key] of keys.entries()) {
    if (isReservedKey(key))
      throw usage('RIG_BAD_KEY', `${kind} ${at + 1} has a name that Max sets itself`, 'not PORT, and not MAX_…');
    if (KEY_PATTERN.test(key) && key.length <= KEY_MAX_BYTES) continue;
    const hint =
      kind === 'secret' && key.includes('=')
        ? 'name the secret alone: its value is asked for, or comes by --value-stdin or --from-file'
        : 'use letters, digits and "_", and no digit at the beginning';
    throw usage('RIG_BAD_KEY', `argument ${at + 1} is no name that a ${kind} can have`, hint);
  }
}

/**
 * Takes `KEY=VALUE` apart.
 *
 * @throws RigError `RIG_BAD_KEY`, `RIG_BAD_VALUE` (2)
 */
export function splitPairs(pairs: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  const split = pairs.map((pair, at) => {
    const mark = pair.indexOf('=');
    if (mark === -1)
      throw usage('RIG_BAD_KEY', `argument ${at + 1} has no "="`, 'write KEY=VALUE, in quotes where it has spaces');
    return [pair.slice(0, mark), pair.slice(mark + 1)] as const;
  });
  checkKeys(
    split.map(([key]) => key),
    'var',
  );
  for (const [key, value] of split) {
    if (values.has(key)) throw usage('RIG_BAD_VALUE', `${key} is given twice`, 'give each name one value');
    values.set(key, value);
  }
  return values;
}

/**
 * Refuses values that are larger than Max takes, before they are sent.
 *
 * @throws RigError `RIG_BAD_VALUE` (2)
 */
export function checkValues(values: ReadonlyMap<string, string>): void {
  for (const [key, value] of values) {
    const bytes = Buffer.byteLength(value);
    if (bytes > VALUE_MAX_BYTES)
      throw usage(
        'RIG_BAD_VALUE',
        `the value of ${key} has ${bytes} bytes, and ${VALUE_MAX_BYTES} is the most`,
        'keep what is that large in a file of the app, or where the app can fetch it',
      );
  }
}

/**
 * Refuses a command that says twice, or not at all, where its values come from.
 *
 * @throws RigError `RIG_VALUE_SOURCE` (2)
 */
export function oneSource(sources: readonly boolean[], what: string, hint: string): void {
  const given = sources.filter(Boolean).length;
  if (given === 1) return;
  throw usage('RIG_VALUE_SOURCE', `${what} come from ${given === 0 ? 'nowhere' : 'two places at once'}`, hint);
}
