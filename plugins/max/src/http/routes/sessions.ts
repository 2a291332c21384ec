import { SESSION_KINDS } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { findApp, findNetwork } from '../../resources.ts';
import type { SessionPlace } from '../../sessions/place.ts';
import type { SessionEntry } from '../../sessions/session-entry.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { QueryShape, Route, RouteRequest } from '../route.ts';
import { readCreateSession } from '../session-body.ts';
import { PAGE_QUERY } from './shapes.ts';

const SESSION_QUERY: readonly QueryShape[] = [
  ...PAGE_QUERY,
  { name: 'network', type: 'string', description: 'Only sessions in this network and its apps, by its name.' },
  { name: 'app', type: 'string', description: 'Only sessions in apps of this name.' },
  { name: 'kind', type: 'string', description: 'Only shell, command, ssh or forward.' },
  { name: 'state', type: 'string', description: 'Only those that are running, or have ended.' },
];

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

function create(
  core: Core,
  request: RouteRequest,
  place: (instance: string | undefined) => SessionPlace,
  shellOnly: boolean,
) {
  const { body, principal, incoming } = request;
  const wanted = readCreateSession(body);
  if (shellOnly && wanted.kind !== 'shell') throw bad('in a network there are shells alone: "kind" must be shell');
  if (shellOnly && wanted.instance !== undefined) throw bad('a network has no instances');
  const where = place(wanted.instance);
  if (wanted.kind === 'forward' && wanted.port === undefined && where.port === null)
    throw new ProblemError(409, 'RIG_NO_INSTANCE', `${where.instance} has no port of its own, or does not run`, {
      fix: `name the port, or see how the app fares: rig status app ${where.app}.${where.network}`,
    });
  const from = incoming.socket.remoteAddress ?? '';
  const session = core.sessions.create(wanted, where, { principal, from });
  return { status: 201, body: session, headers: { location: `/v1/sessions/${session.id}` } };
}

function find(core: Core, { params, principal }: RouteRequest): SessionEntry {
  const { id = '' } = params;
  const found = core.sessions.find(id, principal.user.id);
  if (found !== undefined) {
    if (found.appId === null && !principal.scopes.includes('admin'))
      throw new ProblemError(403, 'RIG_FORBIDDEN', 'a shell of a network needs the scope "admin"', {
        fix: 'sign in with a token that has it',
      });
    return found;
  }
  const ended = core.audit.ofSession(id, principal.user.id);
  if (ended !== undefined)
    throw new ProblemError(409, 'RIG_SESSION_ENDED', `the session ${id} has ended`, { fix: 'begin another' });
  throw new ProblemError(404, 'RIG_SESSION_NOT_FOUND', `there is no session ${JSON.stringify(id)}`, {
    fix: 'begin another',
  });
}

function list(core: Core, { principal, query }: RouteRequest) {
  const limit = limitOf(query);
  const [startedAt = '', id = ''] = readCursor(query, 2);
  const [network, app, kind, state] = ['network', 'app', 'kind', 'state'].map((name) => query.get(name) ?? undefined);
  if (kind !== undefined && !(SESSION_KINDS as readonly string[]).includes(kind))
    throw bad(`"kind" must be one of ${SESSION_KINDS.join(', ')}`);
  if (state !== undefined && state !== 'running' && state !== 'ended') throw bad('"state" must be running or ended');
  const rows = core.sessions
    .list(principal.user.id)
    .map((entry) => entry.view())
    .filter(
      (each) =>
        (network === undefined || each.network === network) &&
        (app === undefined || each.app === app) &&
        (kind === undefined || each.kind === kind) &&
        (state === undefined || each.state === state),
    )
    .sort((one, other) => (place(one) < place(other) ? -1 : 1))
    .filter((each) => place(each) > `${startedAt} ${id}`)
    .slice(0, limit + 1);
  return pageOf(
    rows,
    limit,
    (row) => row,
    (row) => [row.startedAt, row.id],
  );
}

const place = ({ startedAt, id }: { startedAt: string; id: string }): string => `${startedAt} ${id}`;

/** The routes of shells, commands and connections. */
export function sessionRoutes(core: Core): Route[] {
  const notFound = ['RIG_SESSION_NOT_FOUND', 'RIG_SESSION_ENDED'] as const;
  const refusals = ['RIG_NETWORK_NOT_FOUND', 'RIG_TOO_MANY_SESSIONS'] as const;
  return [
    {
      method: 'POST',
      path: '/v1/networks/:network/apps/:app/sessions',
      summary: 'Begins a shell, a command or a connection in an app.',
      scope: 'shell',
      body: { kind: 'json', schema: 'CreateSession' },
      adds: true,
      answers: { 201: 'Session' },
      problems: [...refusals, 'RIG_APP_NOT_FOUND', 'RIG_INSTANCE_NOT_FOUND', 'RIG_NO_INSTANCE', 'RIG_TOO_LARGE'],
      handle: (request) => () => {
        const app = findApp(core, request.params);
        return create(core, request, (instance) => core.runtime.sessionPlace(app, instance), false);
      },
    },
    {
      method: 'POST',
      path: '/v1/networks/:network/sessions',
      summary: 'Begins a shell in the control plane of a network.',
      scope: 'admin',
      body: { kind: 'json', schema: 'CreateShell' },
      adds: true,
      answers: { 201: 'Session' },
      problems: refusals,
      handle: (request) => () => {
        if (!request.principal.scopes.includes('shell'))
          throw new ProblemError(403, 'RIG_FORBIDDEN', 'this needs the scope "shell" beside "admin"', {
            fix: 'sign in with a token that has both',
          });
        const network = findNetwork(core, request.params.network ?? '');
        const at = () => core.networkPlaces.of(network, (app) => core.runtime.codeOf(app));
        return create(core, request, at, true);
      },
    },
    {
      method: 'GET',
      path: '/v1/sessions',
      summary: "Lists the user's own shells, commands and connections, oldest first.",
      scope: 'shell',
      query: SESSION_QUERY,
      answers: { 200: 'SessionPage' },
      handle: (request) => ({ status: 200, body: list(core, request) }),
    },
    {
      method: 'GET',
      path: '/v1/sessions/:id',
      summary: 'Shows a shell, a command or a connection.',
      scope: 'shell',
      answers: { 200: 'Session' },
      problems: notFound,
      handle: (request) => ({ status: 200, body: find(core, request).view() }),
    },
    {
      method: 'DELETE',
      path: '/v1/sessions/:id',
      summary: 'Ends a shell, a command or a connection; one that has ended is answered the same.',
      scope: 'shell',
      answers: { 200: 'Session' },
      problems: notFound,
      handle: async (request) => {
        const entry = find(core, request);
        entry.stop('stopped');
        await entry.whenEnded;
        return { status: 200, body: entry.view() };
      },
    },
  ];
}
