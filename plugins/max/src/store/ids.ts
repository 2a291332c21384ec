import { randomBytes } from 'node:crypto';

/** What an id names; its prefix. */
export type IdKind =
  | 'usr'
  | 'net'
  | 'app'
  | 'tok'
  | 'fam'
  | 'upl'
  | 'dep'
  | 'bld'
  | 'rel'
  | 'ins'
  | 'req'
  | 'ses'
  | 'aud';

/** Makes a random id that is safe in a URL and a file name, such as `net_3q2k…`: 120 bits, lower case. */
export function newId(kind: IdKind): string {
  let text = '';
  // 24 letters of a 32 letter alphabet: lower case alone, as file names may not tell cases apart.
  for (const byte of randomBytes(24)) text += 'abcdefghijkmnpqrstuvwxyz23456789'[byte & 31];
  return `${kind}_${text}`;
}
