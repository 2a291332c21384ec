import type { Scope, TokenAnswer } from '@rig/plugin-api/max';
import type { Database } from '../store/database.ts';
import { isDiskFull, isDiskRefusal } from '../store/disk-errors.ts';
import type { SignIn, SignIns } from '../store/sign-ins.ts';
import type { ApiTokens } from '../store/tokens.ts';
import { hashToken, newTokenValue } from './token-value.ts';

/** Seconds that an access token lives. */
export const ACCESS_SECONDS = 15 * 60;

/** Seconds that a refresh token lives unless it is used. */
export const REFRESH_SECONDS = 30 * 24 * 60 * 60;

/** Milliseconds after its use in which a refresh token may be sent again, where nobody has got the answer. */
export const GRACE_MS = 5 * 60_000;

/** Who sends a request, by which token, and what it may do. */
export interface Principal {
  user: { id: string; name: string };
  scopes: readonly Scope[];
  kind: 'api' | 'access';
  expiresAt: string | null;
  /** The sign-in or the API token: what sockets are ended by when it is revoked. */
  grant: string;
}

/** Why a token is not exchanged or refreshed. */
export class GrantRefused extends Error {}

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const USED_EVERY_MS = 60_000;

/** Gives, checks, renews and revokes tokens. */
export class Authority {
  readonly #db: Database;
  readonly #apiTokens: ApiTokens;
  readonly #signIns: SignIns;
  readonly #lastUsed = new Map<string, number>();
  readonly #onRevoked: (grant: string) => void;

  /** @param onRevoked is told of each sign-in and API token that ends, so that its sockets end too */
  constructor(db: Database, apiTokens: ApiTokens, signIns: SignIns, onRevoked: (grant: string) => void) {
    this.#db = db;
    this.#apiTokens = apiTokens;
    this.#signIns = signIns;
    this.#onRevoked = onRevoked;
  }

  /** Finds out whose a bearer token is; `undefined` for one that does not hold. */
  authenticate(token: string): Principal | undefined {
    const hash = hashToken(token);
    if (token.startsWith('max_at_')) {
      const found = this.#signIns.byAccess(hash);
      if (found?.usedAt === null) this.#unlessFull(() => this.#signIns.useAccess(hash));
      return found && this.#principal(found, 'access', found.expiresAt, found.id);
    }
    const found = this.#apiTokens.byHash(hash);
    if (found === undefined) return undefined;
    this.#noteUse(found.id);
    return this.#principal(found, 'api', found.expiresAt, found.id);
  }

  /**
   * Exchanges an API token for an access and a refresh token.
   *
   * @param narrow the scopes that are wanted, a part of the token's own
   * @throws GrantRefused when the token does not hold
   */
  exchange(token: string, narrow: (own: readonly Scope[]) => readonly Scope[]): TokenAnswer {
    const found = this.#apiTokens.byHash(hashToken(token));
    if (found === undefined) throw new GrantRefused('the API token is unknown, expired or revoked');
    const scopes = narrow(found.scopes);
    this.#noteUse(found.id);
    return this.#db.transaction(() => {
      const family = this.#signIns.create({ userId: found.userId, apiTokenId: found.id, scopes });
      return this.#givePair(family, scopes);
    });
  }

  /**
   * Exchanges a refresh token for a new pair. One that was used already means that somebody else has a copy, and the whole
   * sign-in is revoked; but where the answer was lost, as when Max is killed in it, it may be sent again for a while.
   *
   * @throws GrantRefused when the token does not hold, or was used before
   */
  refresh(token: string): TokenAnswer {
    const hash = hashToken(token);
    const found = this.#signIns.byRefresh(hash);
    if (found === undefined) throw new GrantRefused('the refresh token is unknown, expired or revoked');
    const { usedAt, successor } = found;
    if (usedAt !== null && !this.#isLost(usedAt, successor)) {
      this.#endSignIn(found.id);
      throw new GrantRefused('the refresh token was used before: its sign-in is revoked, sign in again');
    }
    return this.#db.transaction(() => {
      if (successor !== null) this.#signIns.takeBack(successor);
      const pair = this.#givePair(found.id, found.scopes);
      this.#signIns.useRefresh(hash, hashToken(pair.refresh_token));
      return pair;
    });
  }

  /** Whether the answer to the use of a refresh token has plainly not arrived. */
  #isLost(usedAt: string, successor: string | null): boolean {
    if (successor === null || Date.now() - Date.parse(usedAt) > GRACE_MS) return false;
    return this.#signIns.isUntouched(successor);
  }

  /** Revokes whatever the token is: the sign-in of an access or refresh token, or an API token. */
  revoke(token: string): void {
    const hash = hashToken(token);
    const family = this.#signIns.familyOf(hash);
    if (family !== undefined) this.#endSignIn(family);
    else {
      const found = this.#apiTokens.byHash(hash);
      if (found !== undefined) this.revokeApiToken(found.id);
    }
  }

  /** Revokes an API token and every sign-in that was made with it. */
  revokeApiToken(id: string): void {
    const families = this.#apiTokens.revoke(id);
    this.#db.afterCommit(() => {
      for (const grant of [...families, id]) this.#onRevoked(grant);
    });
  }

  #endSignIn(family: string): void {
    this.#signIns.revoke(family);
    this.#db.afterCommit(() => this.#onRevoked(family));
  }

  #givePair(family: string, scopes: readonly Scope[]): TokenAnswer {
    const access = newTokenValue('at');
    const refresh = newTokenValue('rt');
    this.#signIns.addPair(family, {
      access: [hashToken(access), inSeconds(ACCESS_SECONDS)],
      refresh: [hashToken(refresh), inSeconds(REFRESH_SECONDS)],
    });
    return {
      access_token: access,
      token_type: 'Bearer',
      expires_in: ACCESS_SECONDS,
      refresh_token: refresh,
      refresh_expires_in: REFRESH_SECONDS,
      scope: scopes.join(' '),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
  }

  #principal(
    of: Pick<SignIn, 'userId' | 'user' | 'scopes'>,
    kind: Principal['kind'],
    expiresAt: string | null,
    grant: string,
  ): Principal {
    return { user: { id: of.userId, name: of.user }, scopes: of.scopes, kind, expiresAt, grant };
  }

  /** Once a minute is enough for "last used", and keeps a write off every request. */
  #noteUse(id: string): void {
    const last = this.#lastUsed.get(id) ?? 0;
    if (Date.now() - last < USED_EVERY_MS) return;
    this.#lastUsed.set(id, Date.now());
    this.#unlessFull(() => this.#apiTokens.used(id));
  }

  /** Writes what may be left out where the disk has no room. */
  #unlessFull(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!isDiskFull(error) && !isDiskRefusal(error)) throw error;
    }
  }
}
