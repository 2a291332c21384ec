import { CONFIG_MAX_BYTES, isReservedKey, KEY_MAX_BYTES, KEY_PATTERN, VALUE_MAX_BYTES } from '@rig/plugin-api/max';
import { ProblemError } from './http/problem-error.ts';
import type { ConfigKind } from './store/app-config.ts';

const PLAIN = 'letters, digits and "_", not beginning with a digit';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Never says the text: where a name is wrong, it may be a value in the wrong place. */
function checkKey(key: unknown, at: number, kind: ConfigKind): string {
  if (typeof key !== 'string' || key.length > KEY_MAX_BYTES || !KEY_PATTERN.test(key))
    throw new ProblemError(422, 'RIG_BAD_KEY', `name ${at} is none that a ${kind} can have`, {
      fix: `use ${PLAIN}, at most ${KEY_MAX_BYTES} of them`,
    });
  if (isReservedKey(key))
    throw new ProblemError(422, 'RIG_BAD_KEY', `${key} is set by Max itself`, {
      fix: 'use another name than PORT and those that begin with MAX_',
    });
  return key;
}

function checkValue(key: string, value: unknown): string {
  const bad = (why: string): ProblemError => new ProblemError(422, 'RIG_BAD_VALUE', `the value of ${key} ${why}`);
  if (typeof value !== 'string') throw bad('is not a text');
  if (value.includes('\0')) throw bad('has a zero byte, which no environment can hold');
  if (LONE_SURROGATE.test(value)) throw bad('is not valid Unicode');
  const bytes = Buffer.byteLength(value);
  if (bytes > VALUE_MAX_BYTES)
    throw new ProblemError(
      413,
      'RIG_TOO_LARGE',
      `the value of ${key} has ${bytes} bytes, and ${VALUE_MAX_BYTES} is the most`,
      { fix: 'keep what is that large in a file of the app, or where the app can fetch it' },
    );
  return value;
}

/**
 * Checks names that are to be deleted, each once.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400), `RIG_BAD_KEY` (422)
 */
export function goodKeys(names: unknown, kind: ConfigKind): string[] {
  if (!Array.isArray(names) || names.length === 0)
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body has no "names", a list of at least one');
  return [...new Set(names.map((name, index) => checkKey(name, index + 1, kind)))];
}

/**
 * Checks names and values that are to be set; what it says never has a value in it.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400), `RIG_BAD_KEY`, `RIG_BAD_VALUE` (422), `RIG_TOO_LARGE` (413)
 */
export function goodValues(values: unknown, kind: ConfigKind): Map<string, string> {
  if (typeof values !== 'object' || values === null || Array.isArray(values) || Object.keys(values).length === 0)
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body has no "values", an object of at least one');
  const good = new Map<string, string>();
  for (const [key, value] of Object.entries(values))
    good.set(checkKey(key, good.size + 1, kind), checkValue(key, value));
  return good;
}

/**
 * Refuses more than a process can be started with.
 *
 * @throws ProblemError `RIG_TOO_LARGE` (413)
 */
export function checkRoom(bytes: number, app: { name: string }): void {
  if (bytes <= CONFIG_MAX_BYTES) return;
  throw new ProblemError(
    413,
    'RIG_TOO_LARGE',
    `the vars and secrets of ${app.name} would have ${bytes} bytes together, and ${CONFIG_MAX_BYTES} is the most`,
    { fix: 'keep what is large in a file of the app, or where the app can fetch it' },
  );
}
