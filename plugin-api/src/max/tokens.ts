/** What a token may do; each includes no other. */
export const SCOPES = ['read', 'deploy', 'shell', 'admin'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** Answer of `POST /oauth/token` (RFC 6749 section 5.1, RFC 8693). */
export interface TokenAnswer {
  /** The access token. */
  access_token: string;
  /** How it is sent. */
  token_type: 'Bearer';
  /** Seconds that the access token lives. */
  expires_in: number;
  /** Rotates: each use gives a new one, and the use of an old one revokes all of them. */
  refresh_token: string;
  /** Seconds that the refresh token lives unless it is used. */
  refresh_expires_in: number;
  /** Space separated. */
  scope: string;
  /** What kind of token `access_token` is. */
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token';
}

/** Error of `/oauth/*` (RFC 6749 section 5.2). */
export interface OAuthError {
  /** The kind of error. */
  error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unsupported_grant_type'
    | 'invalid_scope'
    | 'invalid_target';
  /** What happened, for a person. */
  error_description: string;
}

/** `GET /v1/whoami`. */
export interface WhoAmI {
  /** Id and name of the user whose token it is. */
  user: { id: string; name: string };
  /** What the token may do. */
  scopes: Scope[];
  /** The token that asks: how it was made and until when it holds. */
  token: { kind: 'api' | 'access'; expiresAt: string | null };
}

/** An API token as it is listed: never its value. */
export interface ApiToken {
  /** Stable, `tok_…`. */
  id: string;
  /** What its maker called it. */
  name: string;
  /** What it may do. */
  scopes: Scope[];
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** ISO 8601 in UTC; `null` where it does not expire. */
  expiresAt: string | null;
  /** ISO 8601 in UTC; `null` before its first use. */
  lastUsedAt: string | null;
}

/** `grant_type` of an API token's exchange. */
export const GRANT_TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** `subject_token_type` of an API token. */
export const API_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
