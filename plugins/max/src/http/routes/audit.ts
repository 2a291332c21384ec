import { type AuditEntry, LOG_TIME_FORMS, parseLogTime, SESSION_KINDS } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { findApp, findNetwork } from '../../resources.ts';
import type { AuditFilter } from '../../store/audit.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { QueryShape, Route } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';

const AUDIT_QUERY: readonly QueryShape[] = [
  ...PAGE_QUERY,
  { name: 'network', type: 'string', description: 'Only in this network and its apps: name or id.' },
  { name: 'app', type: 'string', description: 'Only in this app: id, or its name beside `network`.' },
  { name: 'user', type: 'string', description: 'Only what this user did, by name.' },
  { name: 'action', type: 'string', description: 'Only shell, command, ssh or forward.' },
  { name: 'since', type: 'string', description: 'Only what began then or later: ISO 8601.' },
];

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

/** Only ids have it. */
const isId = (text: string): boolean => text.includes('_');

function timeOf(text: string): string {
  const at = parseLogTime(text, Date.now());
  if (at === undefined) throw bad(`"since" must be ${LOG_TIME_FORMS}`);
  return new Date(at).toISOString();
}

/** By its id what was deleted has its lines too. */
function filterOf(core: Core, query: URLSearchParams): AuditFilter {
  const [network, app, user, action, from] = ['network', 'app', 'user', 'action', 'since'].map(
    (name) => query.get(name) ?? undefined,
  );
  const since = from === undefined ? undefined : timeOf(from);
  if (action !== undefined && !(SESSION_KINDS as readonly string[]).includes(action))
    throw bad(`"action" must be one of ${SESSION_KINDS.join(', ')}`);
  const networkId = network === undefined || isId(network) ? network : findNetwork(core, network).id;
  if (app === undefined || isId(app)) return { networkId, appId: app, user, action, since };
  if (networkId === undefined) throw bad('"app" is a name, and "network" does not say of which network');
  const { name } = core.networks.byId(networkId) ?? { name: network ?? '' };
  return { networkId, appId: findApp(core, { network: name, app }).id, user, action, since };
}

/** The route of what was done inside apps and networks. */
export function auditRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/audit',
      summary: 'Tells what was done inside apps and networks, and by whom, newest first.',
      scope: 'admin',
      query: AUDIT_QUERY,
      answers: { 200: 'AuditPage' },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'],
      handle: ({ query }) => {
        const limit = limitOf(query);
        const [before = ''] = readCursor(query, 1);
        const number = before === '' ? Number.MAX_SAFE_INTEGER : Number(before);
        if (!Number.isSafeInteger(number)) throw bad('"cursor" is not one that this list gave');
        const rows = core.audit.page(filterOf(core, query), number, limit + 1);
        const show = ({ number: _, ...entry }: (typeof rows)[number]): AuditEntry => entry;
        return { status: 200, body: pageOf(rows, limit, show, (row) => [String(row.number)]) };
      },
    },
  ];
}
