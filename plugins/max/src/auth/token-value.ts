import { createHash, randomBytes } from 'node:crypto';

/** What a token is for; part of its value, so that it can be told and found in a leak. */
export type TokenUse = 'api' | 'at' | 'rt';

/** Makes the value of a token: 256 random bits. */
export function newTokenValue(use: TokenUse): string {
  return `max_${use}_${randomBytes(32).toString('base64url')}`;
}

/**
 * What the database keeps of a token, and what it is found by: enough random bits need no slow hash, and a search by the
 * hash tells nothing of the value by the time that it takes.
 */
export function hashToken(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

const VALUES = /max_(api|at|rt)_[A-Za-z0-9_-]+/g;

/** Takes every token out of a text, for a log. */
export function redactTokens(text: string): string {
  return text.replace(VALUES, 'max_$1_***').replace(/\b(bearer\s+)\S+/gi, '$1***');
}
