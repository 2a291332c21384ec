import { API_TOKEN_TYPE, GRANT_TOKEN_EXCHANGE, type OAuthError, SCOPES, type Scope } from '@rig/plugin-api/max';
import { GrantRefused } from '../../auth/authority.ts';
import type { Core } from '../../core.ts';
import type { Answer, Route } from '../route.ts';

/** A refusal in the form of RFC 6749. */
export class OAuthRefusal extends Error {
  readonly error: OAuthError['error'];

  constructor(error: OAuthError['error'], description: string) {
    super(description);
    this.error = error;
  }
}

const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);

function narrower(wanted: string | undefined) {
  return (own: readonly Scope[]): readonly Scope[] => {
    const scopes = (wanted ?? '').split(' ').filter((scope) => scope !== '');
    if (scopes.length === 0) return own;
    const excess = scopes.find((scope) => !isScope(scope) || !own.includes(scope));
    if (excess !== undefined)
      throw new OAuthRefusal('invalid_scope', `the token has no scope "${excess.slice(0, 40)}"`);
    return own.filter((scope) => scopes.includes(scope));
  };
}

function grant(core: Core, form: Readonly<Record<string, string>>) {
  const need = (name: string): string => {
    const value = form[name];
    if (value === undefined || value === '')
      throw new OAuthRefusal('invalid_request', `the field "${name}" is missing`);
    return value;
  };
  const type = need('grant_type');
  if (type === 'refresh_token') return core.authority.refresh(need('refresh_token'));
  if (type !== GRANT_TOKEN_EXCHANGE)
    throw new OAuthRefusal('unsupported_grant_type', 'there are the grants token-exchange and refresh_token');
  const token = need('subject_token');
  if (need('subject_token_type') !== API_TOKEN_TYPE)
    throw new OAuthRefusal('invalid_request', `the subject_token_type must be ${API_TOKEN_TYPE}`);
  if (form.actor_token !== undefined)
    throw new OAuthRefusal('invalid_request', 'there is no delegation: no actor_token is taken');
  if (form.requested_token_type !== undefined && form.requested_token_type !== API_TOKEN_TYPE)
    throw new OAuthRefusal('invalid_request', `the requested_token_type can only be ${API_TOKEN_TYPE}`);
  return core.authority.exchange(token, narrower(form.scope));
}

function answerGrant(core: Core, form: Readonly<Record<string, string>>): Answer {
  try {
    return { status: 200, body: grant(core, form) };
  } catch (error) {
    if (error instanceof OAuthRefusal) return refusal(error.error, error.message);
    if (error instanceof GrantRefused) return refusal('invalid_grant', error.message);
    throw error;
  }
}

/** The answer of a refusal. */
export function refusal(error: OAuthError['error'], description: string): Answer {
  return { status: 400, body: { error, error_description: description } satisfies OAuthError };
}

/** The routes that give, renew and revoke tokens. */
export function oauthRoutes(core: Core): Route[] {
  return [
    {
      method: 'POST',
      path: '/oauth/token',
      summary: 'Exchanges an API token (RFC 8693), or renews by a refresh token, which then is used up.',
      scope: 'none',
      body: { kind: 'form', schema: 'TokenRequest' },
      answers: { 200: 'TokenAnswer', 400: 'OAuthError' },
      oauth: true,
      handle: ({ body }) => answerGrant(core, body as Record<string, string>),
    },
    {
      method: 'POST',
      path: '/oauth/revoke',
      summary: 'Revokes a token, and for an access or refresh token its whole sign-in (RFC 7009).',
      scope: 'none',
      body: { kind: 'form', schema: 'RevokeRequest' },
      answers: { 200: null },
      oauth: true,
      handle: ({ body }) => {
        const { token } = body as Record<string, string>;
        if (token !== undefined) core.authority.revoke(token);
        return { status: 200 };
      },
    },
  ];
}
