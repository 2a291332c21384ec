import { SCOPES, type Scope, type WhoAmI } from '@rig/plugin-api/max';
import { hashToken, newTokenValue } from '../../auth/token-value.ts';
import type { Core } from '../../core.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route, RouteRequest } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

function readScopes(value: unknown): Scope[] {
  if (!Array.isArray(value) || value.length === 0)
    throw bad(`the body has no "scopes", a list of ${SCOPES.join(', ')}`);
  for (const scope of value)
    if (!SCOPES.includes(scope)) throw bad(`${JSON.stringify(scope)} is no scope; there are ${SCOPES.join(', ')}`);
  return SCOPES.filter((scope) => value.includes(scope));
}

function readExpiry(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw bad('"expiresAt" is not a time in ISO 8601');
  if (time <= Date.now()) throw bad('"expiresAt" is in the past');
  return new Date(time).toISOString();
}

function createToken(core: Core, { body, principal }: RouteRequest) {
  const fields = body as { name?: unknown; scopes?: unknown; expiresAt?: unknown };
  const name = typeof fields.name === 'string' ? fields.name.trim() : '';
  if (name === '' || name.length > 100 || /[\x00-\x1f\x7f]/.test(name))
    throw bad('the body has no "name" of 1 to 100 printable characters');
  const scopes = readScopes(fields.scopes);
  const expiresAt = readExpiry(fields.expiresAt);
  const token = newTokenValue('api');
  const made = core.tokens.create({ userId: principal.user.id, name, hash: hashToken(token), scopes, expiresAt });
  core.events.append({ type: 'token.created', text: `API token ${made.id} was created` });
  return { ...made, token };
}

/** The routes of API tokens, and of who asks. */
export function tokenRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/whoami',
      summary: 'Tells who asks, and what the token may do.',
      scope: 'any',
      answers: { 200: 'WhoAmI' },
      handle: ({ principal }) => {
        const { user, scopes, kind, expiresAt } = principal;
        return { status: 200, body: { user, scopes: [...scopes], token: { kind, expiresAt } } satisfies WhoAmI };
      },
    },
    {
      method: 'GET',
      path: '/v1/tokens',
      summary: 'Lists API tokens, oldest first; never their values.',
      scope: 'admin',
      query: PAGE_QUERY,
      answers: { 200: 'ApiTokenPage' },
      handle: ({ principal, query }) => {
        const limit = limitOf(query);
        const [createdAt = '', id = ''] = readCursor(query, 2);
        const rows = core.tokens.page(principal.user.id, { createdAt, id }, limit + 1);
        return {
          status: 200,
          body: pageOf(
            rows,
            limit,
            (row) => row,
            (row) => [row.createdAt, row.id],
          ),
        };
      },
    },
    {
      method: 'POST',
      path: '/v1/tokens',
      summary: 'Makes an API token; its value is in this answer alone.',
      scope: 'admin',
      body: { kind: 'json', schema: 'CreateApiToken' },
      adds: true,
      answers: { 201: 'ApiTokenWithValue' },
      handle: (request) => () => ({ status: 201, body: createToken(core, request) }),
    },
    {
      method: 'DELETE',
      path: '/v1/tokens/:id',
      summary: 'Revokes an API token and every sign-in that was made with it.',
      scope: 'admin',
      answers: { 204: null },
      problems: ['RIG_TOKEN_NOT_FOUND'],
      handle:
        ({ params, principal }) =>
        () => {
          const { id = '' } = params;
          if (core.tokens.byId(principal.user.id, id) === undefined)
            throw new ProblemError(404, 'RIG_TOKEN_NOT_FOUND', `there is no API token ${JSON.stringify(id)}`);
          core.authority.revokeApiToken(id);
          core.events.append({ type: 'token.deleted', text: `API token ${id} was deleted` });
          return { status: 204 };
        },
    },
  ];
}
