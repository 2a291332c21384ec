import type { EventPage } from '@rig/plugin-api/max';
import type { Core } from '../../core.ts';
import { type EventFilter, showEvent } from '../../events.ts';
import { findApp, findNetwork } from '../../resources.ts';
import { limitOf, numberOf } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { QueryShape, Route } from '../route.ts';

const EVENT_QUERY: readonly QueryShape[] = [
  { name: 'limit', type: 'integer', description: 'Events of the page, 1 to 500; 100 unless said.' },
  { name: 'after', type: 'integer', description: 'The first that follow this number; without it the most recent.' },
  { name: 'before', type: 'integer', description: 'Without `after`: the most recent of those before this number.' },
  { name: 'network', type: 'string', description: 'Only events of this network and its apps: name or id.' },
  { name: 'app', type: 'string', description: 'Only events of this app: id, or its name beside `network`.' },
  {
    name: 'type',
    type: 'string',
    description: 'Only events of this type: `deployment.updated`, or `deployment` for all of its kind.',
  },
];

/** Only ids have it. */
const isId = (text: string): boolean => text.includes('_');

/** By its id what was deleted has a history too, as far as it is kept. */
function filterOf(core: Core, query: URLSearchParams): EventFilter {
  const [network, app, type] = ['network', 'app', 'type'].map((name) => query.get(name) ?? undefined);
  if (type !== undefined && !/^[a-z]+(\.[a-z]+)?$/.test(type))
    throw new ProblemError(400, 'RIG_BAD_REQUEST', '"type" must be a type of events, such as deployment.updated');
  const networkId = network === undefined || isId(network) ? network : findNetwork(core, network).id;
  if (app === undefined) return { networkId, type };
  if (isId(app)) return { networkId, appId: app, type };
  if (networkId === undefined)
    throw new ProblemError(400, 'RIG_BAD_REQUEST', '"app" is a name, and "network" does not say of which network');
  const { name } = core.networks.byId(networkId) ?? { name: network ?? '' };
  return { appId: findApp(core, { network: name, app }).id, type };
}

function readPage({ events }: Core, query: URLSearchParams, of: EventFilter): EventPage {
  const limit = limitOf(query);
  const after = numberOf(query, 'after', 0, Number.MAX_SAFE_INTEGER);
  const last = events.last();
  if (after === undefined) {
    const before = numberOf(query, 'before', 0, Number.MAX_SAFE_INTEGER);
    return { events: events.recent(limit, of, before).reverse().map(showEvent), last, through: last };
  }
  const first = events.first();
  // A number beyond the last comes from another Max, or from before a reset.
  const from = Math.min(after, last);
  const gap = first > from + 1 ? { gap: { from: from + 1, to: first - 1 } } : {};
  const found = events.after(from, limit, of);
  const through = found.length < limit ? last : (found.at(-1)?.seq ?? last);
  return { events: found.map(showEvent), last, through, ...gap };
}

/** The route of what has happened. */
export function eventRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/events',
      summary: 'Tells what has happened to resources, oldest first.',
      scope: 'read',
      query: EVENT_QUERY,
      answers: { 200: 'EventPage' },
      problems: ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'],
      handle: ({ query }) => ({ status: 200, body: readPage(core, query, filterOf(core, query)) }),
    },
  ];
}
