import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { json, type Served, serve } from '../http/serve.ts';

/** A small OAuth server that rotates refresh tokens and revokes the family of one that is used twice, as Max does. */
export interface OAuthServer extends Served {
  /** Counts what was asked. */
  readonly count: { exchanges: number; refreshes: number; reuses: number; revokes: number };
  /** Seconds that access tokens live from now on. */
  expiresIn: number;
  /** Called before a grant is answered, after it was carried out if `after` is set. */
  onGrant: { before?: () => Promise<void> | void; after?: () => Promise<void> | void };
  /** Whether a token still opens `/v1/whoami`. */
  holds(token: string): boolean;
  /** Ends everything that was handed out. */
  revokeAll(): void;
  /** Every token that it ever handed out. */
  readonly handedOut: string[];
}

interface Grant {
  user: string;
  family: string;
  used: boolean;
}

async function form(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

/** Starts it; the API token `sentinel-api-NAME` belongs to the user NAME. */
export async function startOAuth(): Promise<OAuthServer> {
  const refreshes = new Map<string, Grant>();
  const accesses = new Map<string, Grant>();
  const revoked = new Set<string>();
  const count = { exchanges: 0, refreshes: 0, reuses: 0, revokes: 0 };
  const handedOut: string[] = [];
  const give = (user: string, family: string): Record<string, unknown> => {
    const access = `sentinel-access-${randomUUID()}`;
    const refresh = `sentinel-refresh-${randomUUID()}`;
    accesses.set(access, { user, family, used: false });
    refreshes.set(refresh, { user, family, used: false });
    handedOut.push(access, refresh);
    return {
      access_token: access,
      token_type: 'Bearer',
      expires_in: oauth.expiresIn,
      refresh_token: refresh,
      refresh_expires_in: 2_592_000,
      scope: 'read deploy',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
  };
  const served = await serve(async (request, response) => {
    const refuse = (why: string): void =>
      json(response, 400, { error: 'invalid_grant', error_description: why }, { 'content-type': 'application/json' });
    if (request.url === '/v1/whoami') {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const api = /^sentinel-api-(\w+)$/.exec(token)?.[1];
      const user = oauth.holds(token) ? accesses.get(token)?.user : api;
      if (user === undefined)
        return json(response, 401, {
          title: 't',
          detail: 'the token does not hold',
          code: 'RIG_NOT_SIGNED_IN',
          requestId: 'r',
        });
      const expiresAt = api ? null : new Date(Date.now() + 900_000).toISOString();
      return json(response, 200, {
        user: { id: `usr_${user}`, name: user },
        scopes: ['read', 'deploy'],
        token: { kind: api ? 'api' : 'access', expiresAt },
      });
    }
    const given = await form(request);
    if (request.url === '/oauth/revoke') {
      count.revokes += 1;
      const grant = refreshes.get(given.get('token') ?? '') ?? accesses.get(given.get('token') ?? '');
      if (grant) revoked.add(grant.family);
      return json(response, 200, undefined);
    }
    await oauth.onGrant.before?.();
    let answer: Record<string, unknown>;
    if (given.get('grant_type') === 'refresh_token') {
      count.refreshes += 1;
      const grant = refreshes.get(given.get('refresh_token') ?? '');
      if (!grant || revoked.has(grant.family)) return refuse('the refresh token is unknown, expired or revoked');
      if (grant.used) {
        count.reuses += 1;
        revoked.add(grant.family);
        return refuse(`the refresh token ${given.get('refresh_token')} was used before`);
      }
      grant.used = true;
      answer = give(grant.user, grant.family);
    } else {
      count.exchanges += 1;
      const user = /^sentinel-api-(\w+)$/.exec(given.get('subject_token') ?? '')?.[1];
      // Repeats the secret, as a careless server might.
      if (user === undefined) return refuse(`${given.get('subject_token')} is no API token`);
      answer = give(user, randomUUID());
    }
    await oauth.onGrant.after?.();
    json(response, 200, answer);
  });
  const oauth: OAuthServer = Object.assign(served, {
    count,
    expiresIn: 900,
    onGrant: {},
    handedOut,
    holds: (token: string) => {
      const grant = accesses.get(token);
      return grant !== undefined && !revoked.has(grant.family);
    },
    revokeAll: () => {
      for (const { family } of [...accesses.values(), ...refreshes.values()]) revoked.add(family);
    },
  });
  return oauth;
}
