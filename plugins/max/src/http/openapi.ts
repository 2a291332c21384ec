import { MAX_API_VERSION, PACK_CONTENT_TYPE } from '@rig/plugin-api/max';
import type { Route } from './route.ts';
import { schemas } from './schemas.ts';

const MEDIA_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded', pack: PACK_CONTENT_TYPE };

const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function answersOf(route: Route): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const [status, schema] of Object.entries(route.answers))
    answers[status] = {
      description: schema ?? 'Done.',
      ...(schema === null ? {} : { content: { [route.mediaType ?? 'application/json']: { schema: refer(schema) } } }),
    };
  if (route.oauth !== true)
    answers.default = {
      description: `A problem${route.problems === undefined ? '' : `: ${route.problems.join(', ')}, or one of every route`}.`,
      content: { 'application/problem+json': { schema: refer('Problem') } },
    };
  return answers;
}

function parametersOf(route: Route): unknown[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = (route.query ?? []).map(({ name, description, type, values }) => ({
    name,
    in: 'query',
    description,
    schema: values === undefined ? { type } : { type, enum: values },
  }));
  const inHead =
    route.method === 'GET' || route.scope === 'none' || route.body?.kind === 'pack'
      ? []
      : [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 255 } }];
  return [...inPath, ...inQuery, ...inHead];
}

/** A name for the operation, made of its route: `getNetworksNetworkApps`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/v1/, '').split(/[/:._-]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function operationOf(route: Route): Record<string, unknown> {
  const { body } = route;
  return {
    operationId: route.operationId ?? operationId(route),
    summary: route.summary,
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: { [MEDIA_TYPES[body.kind]]: { schema: refer(body.schema) } },
          },
        }),
    responses: answersOf(route),
    security: route.scope === 'none' ? [] : [{ bearer: [] }],
    ...(route.scope === 'none' || route.scope === 'any' ? {} : { 'x-scope': route.scope }),
  };
}

/** Makes the OpenAPI document of the routes that the router serves. */
export function openApiOf(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Max',
      version: MAX_API_VERSION,
      description: `The HTTP half of the Max API, as Max ${version} serves it.`,
    },
    paths,
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}
