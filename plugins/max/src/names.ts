import { randomInt } from 'node:crypto';
import { checkName } from '@rig/plugin-api/max';
import { ProblemError } from './http/problem-error.ts';

/**
 * Checks the name of a network or an app that is to be made.
 *
 * @throws ProblemError `RIG_BAD_NAME` (422)
 */
export function goodName(value: unknown, kind: 'network' | 'app'): string {
  if (typeof value !== 'string')
    throw new ProblemError(400, 'RIG_BAD_REQUEST', `the body has no "name" for the ${kind}, or it is not a string`);
  const wrong = checkName(value);
  if (wrong === undefined) return value;
  throw new ProblemError(422, 'RIG_BAD_NAME', `the name ${JSON.stringify(value.slice(0, 100))} ${wrong.reason}`, {
    fix: `choose another name, such as ${wrong.suggestion}`,
  });
}

const FIRST = [
  'amber',
  'brave',
  'calm',
  'clear',
  'early',
  'gentle',
  'green',
  'light',
  'merry',
  'quiet',
  'swift',
  'warm',
];
const SECOND = [
  'brook',
  'cedar',
  'cloud',
  'field',
  'finch',
  'harbor',
  'maple',
  'otter',
  'river',
  'robin',
  'stone',
  'wren',
];

/** Makes a name for a network that was given none. */
export function inventName(): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? 'max';
  return `${pick(FIRST)}-${pick(SECOND)}-${randomInt(1000, 10_000)}`;
}
