/** A JSON schema. */
export type Schema = Record<string, unknown>;

/** Any text. */
export const text: Schema = { type: 'string' };
/** A whole number. */
export const number: Schema = { type: 'integer' };
/** `true` or `false`. */
export const flag: Schema = { type: 'boolean' };
/** A time, ISO 8601 in UTC. */
export const time: Schema = { type: 'string', format: 'date-time' };
/** A name of a network or an app. */
export const name: Schema = { type: 'string', pattern: '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' };
/** A SHA-256. */
export const digest: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** The schema, or `null`. */
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
/** A list. */
export const list = (items: Schema): Schema => ({ type: 'array', items });
/** One of these texts. */
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
/** A schema by its name. */
export const of = (schema: string): Schema => ({ $ref: `#/components/schemas/${schema}` });
/** A page of a list. */
export const page = (schema: string): Schema => object({ items: list(of(schema)), next: orNull(text) });

/** An object; every property is required but those whose name ends with `?`. */
export function object(properties: Record<string, Schema>): Schema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((key) => [key.replace(/\?$/, ''), properties[key]])),
    required: names.filter((key) => !key.endsWith('?')),
  };
}

/** How an app fares. */
export const states = oneOf('empty', 'running', 'starting', 'degraded', 'crashed', 'stopped');

/** How an instance fares. */
export const instanceStates = oneOf('starting', 'healthy', 'unhealthy', 'backing-off', 'stopping', 'stopped');
