import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileEntry, type MaxKit, openMax } from '../max-kit.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
type Json = any;

let max: MaxKit;
let document: Json;
beforeAll(async () => {
  max = await openMax();
  document = (await max.ask('GET', '/openapi.json', { token: null })).json;
});
afterAll(() => max.remove());

/** Checks a value by as much of JSON Schema as the document uses, and refuses properties that it does not name. */
function check(schema: Json, value: Json, at: string): string[] {
  if (schema.$ref !== undefined) return check(document.components.schemas[schema.$ref.split('/').at(-1)], value, at);
  const any = schema.anyOf ?? schema.oneOf;
  if (any !== undefined) {
    const tries = any.map((each: Json) => check(each, value, at));
    return tries.some((errors: string[]) => errors.length === 0) ? [] : [`${at} fits none`];
  }
  if (schema.enum !== undefined) return schema.enum.includes(value) ? [] : [`${at} is ${value}`];
  if (schema.type === 'null') return value === null ? [] : [`${at} is not null`];
  if (schema.type === 'integer') return Number.isInteger(value) ? [] : [`${at} is no integer`];
  if (schema.type === 'array')
    return Array.isArray(value)
      ? value.flatMap((item, index) => check(schema.items, item, `${at}[${index}]`))
      : [`${at} is no list`];
  if (schema.type !== 'object') return typeof value === schema.type ? [] : [`${at} is no ${schema.type}`];
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  if (schema.properties === undefined) return [];
  const lacking = schema.required
    .filter((key: string) => !(key in value))
    .map((key: string) => `${at}.${key} is missing`);
  const others = Object.keys(value).flatMap((key) =>
    key in schema.properties
      ? check(schema.properties[key], value[key], `${at}.${key}`)
      : [`${at}.${key} is not described`],
  );
  return [...lacking, ...others];
}

test('it describes every route of docs/max-api.md', () => {
  const routes = Object.entries(document.paths as Record<string, Json>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const app = '/v1/networks/{network}/apps/{app}';
  expect(routes.sort()).toEqual(
    [
      'GET /healthz',
      'GET /openapi.json',
      'GET /metrics',
      'GET /v1/metrics',
      `GET ${app}/metrics`,
      'POST /oauth/token',
      'POST /oauth/revoke',
      'GET /v1/whoami',
      'GET /v1/events',
      'GET /v1/ssh/host-key',
      'GET /v1/tokens',
      'POST /v1/tokens',
      'DELETE /v1/tokens/{id}',
      'GET /v1/networks',
      'POST /v1/networks',
      'GET /v1/networks/{network}',
      'PATCH /v1/networks/{network}',
      'DELETE /v1/networks/{network}',
      'GET /v1/networks/{network}/status',
      'GET /v1/networks/{network}/details',
      'GET /v1/apps',
      'GET /v1/networks/{network}/apps',
      'POST /v1/networks/{network}/apps',
      `GET ${app}`,
      `PATCH ${app}`,
      `DELETE ${app}`,
      `GET ${app}/status`,
      `GET ${app}/details`,
      `GET ${app}/releases`,
      `GET ${app}/builds`,
      `GET ${app}/deployments`,
      ...['vars', 'secrets'].flatMap((what) => [
        `GET ${app}/${what}`,
        `POST ${app}/${what}`,
        `POST ${app}/${what}/delete`,
      ]),
      `POST ${app}/uploads`,
      `GET ${app}/uploads/{id}`,
      `POST ${app}/uploads/{id}/packs`,
      `POST ${app}/deployments`,
      `GET ${app}/deployments/{id}`,
      `POST ${app}/deployments/{id}/cancel`,
      `POST ${app}/restart`,
      `POST ${app}/scale`,
      `POST ${app}/start`,
      `POST ${app}/stop`,
      `GET ${app}/rollback`,
      `POST ${app}/rollback`,
      `GET ${app}/logs`,
      `GET ${app}/builds/{id}/logs`,
      `GET ${app}/builds/{id}`,
      `POST ${app}/sessions`,
      'POST /v1/networks/{network}/sessions',
      'GET /v1/sessions',
      'GET /v1/sessions/{id}',
      'DELETE /v1/sessions/{id}',
      'GET /v1/audit',
    ].sort(),
  );
});

test('every schema that it names is there, and no operation has the id of another', () => {
  const named = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    (match) => match[1] ?? '',
  );
  for (const name of named) expect(Object.keys(document.components.schemas)).toContain(name);
  for (const name of Object.keys(document.components.schemas)) expect(named).toContain(name);
  const ids = [...JSON.stringify(document).matchAll(/"operationId":"(\w+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every route that asks for a token refuses without one, and every other answers', async () => {
  for (const [path, methods] of Object.entries(document.paths as Record<string, Json>))
    for (const [method, operation] of Object.entries(methods as Record<string, Json>)) {
      const { status } = await max.ask(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'), { token: null });
      if (operation.security.length > 0) expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 401`);
      else expect(status).not.toBe(401);
    }
});

test('what is answered is what it describes', async () => {
  const answer = async (method: string, path: string, route: string, json?: object): Promise<Json> => {
    const reply = await max.ask(method, path, json === undefined ? {} : { json });
    const described = document.paths[route][method.toLowerCase()].responses[reply.status];
    expect(described, `${method} ${path} answered ${reply.status}`).toBeDefined();
    expect(check(described.content['application/json'].schema, reply.json, route)).toEqual([]);
    return reply.json;
  };
  const networks = '/v1/networks';
  const apps = `${networks}/{network}/apps`;
  await answer('GET', '/healthz', '/healthz');
  await answer('GET', '/v1/whoami', '/v1/whoami');
  await answer('POST', '/v1/tokens', '/v1/tokens', { name: 'x', scopes: ['read'], expiresAt: '2999-01-01T00:00:00Z' });
  await answer('GET', '/v1/tokens', '/v1/tokens');
  await answer('POST', networks, networks, { name: 'shop' });
  await answer('GET', networks, networks);
  await answer('POST', `${networks}/shop/apps`, apps, { name: 'api' });
  await answer('GET', `${networks}/shop/apps`, apps);
  await answer('GET', '/v1/apps', '/v1/apps');
  await answer('GET', `${networks}/shop`, `${networks}/{network}`);
  await answer('GET', `${networks}/shop/status`, `${networks}/{network}/status`);
  await answer('GET', `${networks}/shop/details`, `${networks}/{network}/details`);
  const app = `${networks}/shop/apps/api`;
  for (const part of ['', '/status', '/details', '/releases', '/builds', '/deployments', '/logs'])
    await answer('GET', app + part, `${apps}/{app}${part}`);
  const { id } = await answer('POST', `${app}/uploads`, `${apps}/{app}/uploads`, {
    entries: [fileEntry('a', 'new here')],
  });
  await answer('GET', `${app}/uploads/${id}`, `${apps}/{app}/uploads/{id}`);
  const problem = await max.ask('GET', `${networks}/none`);
  expect(check({ $ref: '#/Problem' }, problem.json, 'problem')).toEqual([]);
});
