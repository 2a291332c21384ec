import { readFileSync } from 'node:fs';
import { SCOPES } from '@rig/plugin-api/max';
import { writePrivateFile } from '../store/private-file.ts';
import type { ApiTokens } from '../store/tokens.ts';
import type { UserRecord } from '../store/users.ts';
import { hashToken, newTokenValue } from './token-value.ts';

/** Makes sure that the owner's API token lies in its file, readable by this user alone, and holds. */
export function ensureOwnerToken(file: string, owner: UserRecord, tokens: ApiTokens): void {
  if (holds(file, tokens)) return;
  const value = newTokenValue('api');
  // First the database: a file whose token is unknown is replaced at the next start, as is a missing one.
  tokens.create({ userId: owner.id, name: 'owner', hash: hashToken(value), scopes: SCOPES, expiresAt: null });
  writePrivateFile(file, `${value}\n`);
}

function holds(file: string, tokens: ApiTokens): boolean {
  try {
    return tokens.byHash(hashToken(readFileSync(file, 'utf8').trim())) !== undefined;
  } catch {
    return false;
  }
}
