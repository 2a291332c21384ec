import type { IncomingMessage } from 'node:http';
import type { Authority, Principal } from '../auth/authority.ts';
import { ProblemError } from './problem-error.ts';
import type { Route } from './route.ts';

/** Stands in on routes that ask for no token. */
export const NOBODY: Principal = { user: { id: '', name: '' }, scopes: [], kind: 'access', expiresAt: null, grant: '' };

function notSignedIn(detail: string, challenge: string): ProblemError {
  return new ProblemError(401, 'RIG_NOT_SIGNED_IN', detail, {
    fix: 'sign in with: rig login (with the embedded Max: rig max token | rig login --token-stdin)',
    headers: { 'www-authenticate': challenge },
  });
}

/**
 * Finds out who sends a request and whether its token may do what the route does.
 *
 * @throws ProblemError `RIG_NOT_SIGNED_IN` (401) or `RIG_FORBIDDEN` (403)
 */
export function authenticate(route: Route, incoming: IncomingMessage, authority: Authority): Principal {
  if (route.scope === 'none') return NOBODY;
  const header = incoming.headers.authorization;
  if (header === undefined) throw notSignedIn('the request carries no token', 'Bearer realm="max"');
  const token = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header)?.[1];
  const principal = token === undefined ? undefined : authority.authenticate(token);
  if (principal === undefined)
    throw notSignedIn('the token is unknown, expired or revoked', 'Bearer realm="max", error="invalid_token"');
  if (route.scope !== 'any' && !principal.scopes.includes(route.scope))
    throw new ProblemError(
      403,
      'RIG_FORBIDDEN',
      `this needs the scope "${route.scope}", and the token has ${principal.scopes.join(', ') || 'none'}`,
      {
        fix: `sign in with a token that has the scope "${route.scope}"`,
        headers: { 'www-authenticate': `Bearer realm="max", error="insufficient_scope", scope="${route.scope}"` },
      },
    );
  return principal;
}
