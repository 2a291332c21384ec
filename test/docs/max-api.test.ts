import { MAX_API_VERSION } from '@rig/plugin-api/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MaxKit, openMax } from '../unit/max/max-kit.ts';
import { codesIn, tablesOf, textOf } from './pages.ts';

/** One operation of an OpenAPI document, as much of it as is compared. */
interface Operation {
  'x-scope'?: string;
  security: unknown[];
  responses: Record<string, { description: string }>;
}

const page = textOf('docs/max-api.md');
const NETWORK = '/v1/networks/:network';

/** The routes of a row: each method of each span with its path and its scope. */
function routesOf([spans = '', scope = '', does = '']: string[]) {
  const scopes = scope.split(' · ');
  return codesIn(spans).flatMap((span) => {
    const at = span.lastIndexOf(' ');
    const path = span.slice(at + 1).replace('…', NETWORK);
    return span
      .slice(0, at)
      .split(' · ')
      .map((method, i) => ({ route: `${method} ${path}`, scope: scopes[i] ?? scopes[0] ?? '', does }));
  });
}

const described = (tablesOf(page).find(({ section }) => section === 'Routes')?.rows ?? []).flatMap(routesOf);

let max: MaxKit;
let operations: Map<string, Operation>;
beforeAll(async () => {
  max = await openMax();
  const { json } = await max.ask('GET', '/openapi.json', { token: null });
  const { paths } = json as { paths: Record<string, Record<string, Operation>> };
  operations = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        operation,
      ]),
    ),
  );
});
afterAll(() => max.remove());

describe('docs/max-api.md', () => {
  test('has the routes that Max serves, and no other', () => {
    expect(described.map(({ route }) => route).sort()).toEqual([...operations.keys()].sort());
    expect(operations.size).toBeGreaterThan(30);
  });

  test('has the scope that each route asks for', () => {
    const scopeOf = (operation: Operation | undefined): string =>
      operation?.['x-scope'] ?? (operation?.security.length === 0 ? 'none' : 'any');
    expect(described.map(({ route, scope }) => `${route}: ${scope}`)).toEqual(
      described.map(({ route }) => `${route}: ${scopeOf(operations.get(route))}`),
    );
  });

  test('names no problem that none of the routes of its row has', () => {
    const wrong = described.flatMap(({ does }) =>
      codesIn(does)
        .filter((code) => code.startsWith('RIG_'))
        .filter(
          (code) =>
            !described.some(
              (other) =>
                other.does === does && operations.get(other.route)?.responses.default?.description.includes(code),
            ),
        )
        .map((code) => `${code}: ${does}`),
    );
    expect(wrong).toEqual([]);
  });

  test('says what every answer carries', async () => {
    const { headers } = await max.ask('GET', '/healthz', { token: null });
    expect(headers['max-api']).toBe(MAX_API_VERSION);
    expect(headers['x-request-id']).toBeTruthy();
    expect(page).toContain(`\`max-api: ${MAX_API_VERSION}\``);
  });

  test('has the topics that Max serves, and no other', () => {
    const sources = ['mount', 'runtime-channels'].map((name) => textOf(`plugins/max/src/channels/${name}.ts`)).join('');
    const served = new Set([...sources.matchAll(/\['(\w+):\*'/g)].map(([, kind]) => kind));
    const topics = (tablesOf(page).find(({ section }) => section === 'Channels')?.rows ?? []).flatMap(([names = '']) =>
      codesIn(names).map((name) => name.split(':')[0]),
    );
    expect(new Set(topics)).toEqual(served);
  });
});
