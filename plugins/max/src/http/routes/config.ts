import type { ConfigChange, DeleteConfig, Secret, SetConfig, Var } from '@rig/plugin-api/max';
import { checkRoom, goodKeys, goodValues } from '../../config-values.ts';
import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import type { ConfigEntry, ConfigKind } from '../../store/app-config.ts';
import type { AppRecord } from '../../store/apps.ts';
import { limitOf, pageOf, readCursor } from '../page.ts';
import { ProblemError } from '../problem-error.ts';
import type { Answer, Route, RouteRequest } from '../route.ts';
import { PAGE_QUERY } from './shapes.ts';

/** Bytes of a request that sets values: escapes may make JSON a few times as large as what it holds. */
const BODY_BYTES = 16 * 1024 * 1024;

function stageOf(body: unknown): boolean {
  const { stage = false } = body as { stage?: unknown };
  if (typeof stage === 'boolean') return stage;
  throw new ProblemError(400, 'RIG_BAD_REQUEST', '"stage" must be true or false');
}

const answered = (change: ConfigChange): Answer => ({ status: change.deployment === null ? 200 : 202, body: change });

function setConfig(core: Core, kind: ConfigKind, { params, body }: RouteRequest): Answer {
  const app = findApp(core, params);
  const set = goodValues((body as Partial<SetConfig>).values, kind);
  refuseTaken(core, app, kind, set);
  const change = core.runtime.changeConfig(app, { kind, set, names: [], stage: stageOf(body) });
  // In the transaction of the request: what is too much is rolled back.
  checkRoom(core.config.size(app.id), app);
  return answered(change);
}

function deleteConfig(core: Core, kind: ConfigKind, { params, body }: RouteRequest): Answer {
  const app = findApp(core, params);
  const names = goodKeys((body as Partial<DeleteConfig>).names, kind);
  const there = new Set(headOf(core, app, kind).map(({ name }) => name));
  const missing = names.filter((name) => !there.has(name));
  if (missing.length > 0)
    throw new ProblemError(404, 'RIG_KEY_NOT_FOUND', `the app ${app.name} has no ${kind} ${missing.join(', ')}`, {
      fix: `see which there are: rig list ${kind}s --app ${app.name}.${app.network}`,
    });
  return answered(core.runtime.changeConfig(app, { kind, set: new Map(), names, stage: stageOf(body) }));
}

const headOf = (core: Core, app: AppRecord, kind: ConfigKind): ConfigEntry[] =>
  core.config.at(app.id, kind, Number.MAX_SAFE_INTEGER);

/** A name is a var or a secret: of two values in one environment nobody could tell which one holds. */
function refuseTaken(core: Core, app: AppRecord, kind: ConfigKind, set: ReadonlyMap<string, string>): void {
  const other = kind === 'var' ? 'secret' : 'var';
  const taken = headOf(core, app, other).find(({ name }) => set.has(name))?.name;
  if (taken === undefined) return;
  throw new ProblemError(409, 'RIG_KEY_TAKEN', `the app ${app.name} has a ${other} ${taken} already`, {
    fix: `delete it first: rig delete ${other} ${taken} --stage --app ${app.name}.${app.network}`,
  });
}

/** The routes of vars, or of secrets, whose values no answer has. */
function routesOf(core: Core, kind: ConfigKind, shapes: { item: string; show: ShowEntry }): Route[] {
  const base = `/v1/networks/:network/apps/:app/${kind}s`;
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'] as const;
  const answers = { 200: 'ConfigChange', 202: 'ConfigChange' };
  return [
    {
      method: 'GET',
      path: base,
      summary: `Lists the ${kind}s of an app by name${kind === 'var' ? '' : ', without their values'}.`,
      scope: 'read',
      query: PAGE_QUERY,
      answers: { 200: `${shapes.item}Page` },
      problems: notFound,
      handle: ({ params, query }) => {
        const app = findApp(core, params);
        const limit = limitOf(query);
        const [after = ''] = readCursor(query, 1);
        const serving = core.runtime.servingConfig(app)?.[`${kind}s`] ?? 0;
        const rows = core.config.page(app.id, kind, after, limit + 1);
        const show = (entry: ConfigEntry) => shapes.show(entry, entry.version > serving);
        return { status: 200, body: pageOf(rows, limit, show, ({ name }) => [name]) };
      },
    },
    {
      method: 'POST',
      path: base,
      summary: `Sets ${kind}s of an app, all in one release.`,
      scope: 'deploy',
      body: { kind: 'json', schema: 'SetConfig', maxBytes: BODY_BYTES },
      adds: true,
      answers,
      problems: [
        ...notFound,
        'RIG_BAD_KEY',
        'RIG_BAD_VALUE',
        'RIG_KEY_TAKEN',
        'RIG_TOO_LARGE',
        'RIG_DEPLOY_IN_PROGRESS',
      ],
      handle: (request) => () => setConfig(core, kind, request),
    },
    {
      method: 'POST',
      path: `${base}/delete`,
      summary: `Deletes ${kind}s of an app, all in one release.`,
      scope: 'deploy',
      body: { kind: 'json', schema: 'DeleteConfig', maxBytes: BODY_BYTES },
      answers,
      problems: [...notFound, 'RIG_BAD_KEY', 'RIG_KEY_NOT_FOUND', 'RIG_DEPLOY_IN_PROGRESS'],
      handle: (request) => () => deleteConfig(core, kind, request),
    },
  ];
}

type ShowEntry = (entry: ConfigEntry, staged: boolean) => Var | Secret;

/** The routes of vars and secrets. */
export function configRoutes(core: Core): Route[] {
  const showVar = ({ name, value, at }: ConfigEntry, staged: boolean): Var => {
    return { name, value: value.toString('utf8'), updatedAt: at, staged };
  };
  const showSecret = ({ name, digest, at }: ConfigEntry, staged: boolean): Secret => {
    return { name, digest, updatedAt: at, staged };
  };
  return [
    ...routesOf(core, 'var', { item: 'Var', show: showVar }),
    ...routesOf(core, 'secret', { item: 'Secret', show: showSecret }),
  ];
}
