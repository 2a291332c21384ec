import { ExitCode, RigError } from '@rig/plugin-api';
import {
  API_TOKEN_TYPE,
  GRANT_TOKEN_EXCHANGE,
  type OAuthError,
  type TokenAnswer,
  type WhoAmI,
} from '@rig/plugin-api/max';
import { checkMax, readAnswer } from '../http/answer.ts';
import { plainText } from '../http/plain-text.ts';
import { requireSecure } from '../http/server-url.ts';
import type { Transport } from '../http/transport.ts';

/** A refusal of the token endpoint (RFC 6749 section 5.2): what it means depends on the grant. */
export class GrantRefused extends Error {
  constructor(
    readonly error: string,
    readonly description: string,
  ) {
    super(`${error}: ${description}`);
  }
}

/** The OAuth routes of one Max. */
export interface TokenEndpoint {
  /** Exchanges an API token (RFC 8693). @throws GrantRefused */
  exchange(apiToken: string): Promise<TokenAnswer>;
  /** Renews a sign-in; the token that was given is used up. @throws GrantRefused */
  refresh(refreshToken: string): Promise<TokenAnswer>;
  /** Ends a token and what was made from it (RFC 7009). */
  revoke(token: string): Promise<void>;
  whoami(accessToken: string): Promise<WhoAmI>;
}

const REVOKE_TIMEOUT_MS = 5000;

const incomplete = (server: string, what: string, lacks: string): RigError =>
  new RigError({
    code: 'RIG_BAD_ANSWER',
    message: `the answer of ${server} to ${what} lacks ${lacks}`,
    hint: 'update that Max, or rig',
    exitCode: ExitCode.Failed,
  });

function checkTokens(server: string, what: string, data: unknown): TokenAnswer {
  const answer = (data ?? {}) as Partial<TokenAnswer>;
  for (const name of ['access_token', 'refresh_token'] as const) {
    if (typeof answer[name] !== 'string' || !/^[\x21-\x7e]+$/.test(answer[name])) throw incomplete(server, what, name);
  }
  if (typeof answer.expires_in !== 'number' || !(answer.expires_in > 0)) throw incomplete(server, what, 'expires_in');
  return answer as TokenAnswer;
}

function isOAuthError(value: unknown): value is OAuthError {
  return typeof value === 'object' && value !== null && typeof (value as Partial<OAuthError>).error === 'string';
}

/** Speaks to the OAuth routes of a server. @throws RigError `RIG_INSECURE_SERVER` before anything is sent */
export function tokenEndpoint(transport: Transport, server: string, signal: AbortSignal | undefined): TokenEndpoint {
  requireSecure(server);
  const post = (path: string, form: Record<string, string>, timeout?: number) =>
    transport.send({
      server,
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      timeout,
      signal,
    });

  async function grant(form: Record<string, string>, secret: string): Promise<TokenAnswer> {
    const what = 'POST /oauth/token';
    const reply = await post('/oauth/token', form);
    checkMax({ server, what }, reply);
    if (reply.status === 400 || reply.status === 401) {
      let body: unknown;
      try {
        body = JSON.parse(reply.text);
      } catch {
        body = undefined;
      }
      if (isOAuthError(body)) {
        // A server might repeat what it refuses, and that is the secret.
        throw new GrantRefused(
          plainText(body.error, 60).replaceAll(secret, '…'),
          plainText(body.error_description, 300).replaceAll(secret, '…'),
        );
      }
    }
    return checkTokens(server, what, readAnswer({ server, what }, reply).data);
  }

  return {
    exchange: (apiToken) =>
      grant(
        { grant_type: GRANT_TOKEN_EXCHANGE, subject_token: apiToken, subject_token_type: API_TOKEN_TYPE },
        apiToken,
      ),
    refresh: (refreshToken) => grant({ grant_type: 'refresh_token', refresh_token: refreshToken }, refreshToken),
    async revoke(token) {
      const reply = await post('/oauth/revoke', { token }, REVOKE_TIMEOUT_MS);
      readAnswer({ server, what: 'POST /oauth/revoke' }, reply);
    },
    async whoami(accessToken) {
      const what = 'GET /v1/whoami';
      const headers = { authorization: `Bearer ${accessToken}` };
      const reply = await transport.send({ server, method: 'GET', path: '/v1/whoami', headers, signal });
      const data = readAnswer({ server, what }, reply).data as Partial<WhoAmI> | undefined;
      if (typeof data?.user?.name !== 'string' || data.user.name === '' || !Array.isArray(data.scopes)) {
        throw incomplete(server, what, 'the user or the scopes');
      }
      return data as WhoAmI;
    },
  };
}
