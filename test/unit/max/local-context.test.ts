import type { Config } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { rememberContext } from '../../../plugins/max/src/local-context.ts';

const KEY = 'contexts.local.server';
/** Nothing listens there. */
const DOWN = 'http://127.0.0.1:1';
const HERE = 'http://127.0.0.1:2';

function settings(initial: Record<string, string>) {
  const values = new Map(Object.entries(initial));
  const config = {
    get: (key: string) => values.get(key),
    set: async (key: string, value: string) => void values.set(key, value),
  } as unknown as Config;
  return { values, config };
}

test('the first Max gets the context local, which becomes the current one', async () => {
  const { values, config } = settings({});
  expect(await rememberContext(config, HERE, undefined, undefined)).toEqual({
    leadsHere: true,
    told: 'The context local is current now',
  });
  expect(Object.fromEntries(values)).toEqual({ [KEY]: HERE, context: 'local' });
});

test('a Max that moved, or that came in the place of one that is gone, keeps it', async () => {
  const { values, config } = settings({ [KEY]: DOWN, context: 'local' });
  expect(await rememberContext(config, HERE, DOWN, undefined)).toEqual({ leadsHere: true });
  expect(values.get(KEY)).toBe(HERE);
  const other = settings({ [KEY]: DOWN, context: 'local' });
  expect(await rememberContext(other.config, HERE, undefined, undefined)).toEqual({ leadsHere: true });
  expect(other.values.get(KEY)).toBe(HERE);
});

test('a second Max leaves it to the first, which is only down', async () => {
  const { values, config } = settings({ [KEY]: DOWN, context: 'local' });
  expect(await rememberContext(config, HERE, undefined, DOWN)).toEqual({
    leadsHere: false,
    told: `The context local leads to ${DOWN}, and was left alone`,
  });
  expect(values.get(KEY)).toBe(DOWN);
});
