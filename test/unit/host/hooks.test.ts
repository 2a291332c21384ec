import {
  bail,
  type Hook,
  on,
  type PluginDefinition,
  type Services,
  series,
  type Tap,
  waterfall,
} from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { type BusOptions, createBus } from '../../../host/src/hooks/index.ts';

function bus(plugins: Record<string, Tap[] | Error>, options: Partial<BusOptions> = {}) {
  const warnings: string[] = [];
  const made = createBus({
    load: async (name): Promise<PluginDefinition> => {
      const taps = plugins[name];
      if (taps instanceof Error) throw taps;
      return { name, taps: taps ?? [] };
    },
    servicesFor: (name) => ({ plugin: name }) as unknown as Services,
    warn: (code, text) => warnings.push(`${code} ${text}`),
    waitedForPerson: () => 0,
    signal: new AbortController().signal,
    ...options,
  });
  return { warnings, fire: (hook: Hook, payload: unknown) => made.fire(hook, payload, Object.keys(plugins)) };
}

const never = () => new Promise<never>(() => {});

describe('the hook bus', () => {
  test('a series calls every tap in order, with the services of its own plugin', async () => {
    const hook = series<number>('test:series');
    const seen: unknown[] = [];
    const note = on(hook, (n, { services }) => {
      seen.push([n, (services as unknown as { plugin: string }).plugin]);
    });
    await bus({ a: [note], b: [note] }).fire(hook, 1);
    expect(seen).toEqual([
      [1, 'a'],
      [1, 'b'],
    ]);
  });

  test('a waterfall hands the value on, and undefined keeps it', async () => {
    const hook = waterfall<number>('test:waterfall');
    const plugins = { a: [on(hook, (n) => n + 1)], b: [on(hook, () => undefined)], c: [on(hook, async (n) => n * 10)] };
    expect(await bus(plugins).fire(hook, 1)).toBe(20);
  });

  test('a bail stops at the first answer', async () => {
    const hook = bail<string, string>('test:bail');
    const plugins = { a: [on(hook, () => undefined)], b: [on(hook, (name) => `b ${name}`)], c: [on(hook, never)] };
    expect(await bus(plugins).fire(hook, 'asks')).toBe('b asks');
  });

  test('a tap of a containing hook that throws warns with plugin, hook and reason, and the rest goes on', async () => {
    const hook = series<number>('test:contain');
    let reached = false;
    const plugins = {
      bad: [
        on(hook, () => {
          throw new Error('no luck');
        }),
      ],
      good: [
        on(hook, () => {
          reached = true;
        }),
      ],
    };
    const { fire, warnings } = bus(plugins);
    await fire(hook, 1);
    expect(reached).toBe(true);
    expect(warnings).toHaveLength(1);
    // A hook that fires each second does not tell the same each second.
    await fire(hook, 2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /RIG_TAP_FAILED the plugin "bad" failed in the hook test:contain after \d+ ms: no luck/,
    );
  });

  test('a tap that fails at every tick is told once, though each time with other words', async () => {
    const hook = series<number>('test:ticks');
    const failing = (name: string) =>
      on(hook, (n) => {
        throw new Error(`${name} ${n}`);
      });
    const { fire, warnings } = bus({ bad: [failing('first'), failing('second')], broken: new Error('no such file') });
    for (let tick = 0; tick < 100; tick++) await fire(hook, tick);
    expect(warnings).toEqual([
      expect.stringContaining('no such file'),
      expect.stringMatching(/first 0$/),
      expect.stringMatching(/second 0$/),
    ]);
  });

  test('a tap of an aborting hook that throws fails, naming both', async () => {
    const hook = series<number>('test:abort', { onFailure: 'abort' });
    const throws = on(hook, () => {
      throw new Error('no luck');
    });
    await expect(bus({ bad: [throws] }).fire(hook, 1)).rejects.toMatchObject({
      code: 'RIG_TAP_FAILED',
      exitCode: 8,
      message: expect.stringMatching(/"bad".*test:abort.*no luck/),
    });
  });

  test('a tap that hangs is told and left, and its signal is aborted', async () => {
    const hook = series<number>('test:hang', { deadline: 20 });
    let aborted = false;
    const hangs = on(hook, (_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return never();
    });
    const { fire, warnings } = bus({ slow: [hangs] });
    await fire(hook, 1);
    expect(aborted).toBe(true);
    expect(warnings[0]).toContain('it did not end within 20 ms');
  });

  test('time spent waiting for a person does not count', async () => {
    const hook = series<number>('test:person', { deadline: 20 });
    const started = performance.now();
    // A person is being waited for until the tap ends, 60 ms later.
    const waits = on(hook, () => new Promise<void>((resolve) => setTimeout(resolve, 60)));
    const { fire, warnings } = bus(
      { asks: [waits] },
      { waitedForPerson: (since) => performance.now() - Math.max(since, started) },
    );
    await fire(hook, 1);
    expect(warnings).toEqual([]);
  });

  test('a plugin that cannot be loaded only warns, unless the hook aborts', async () => {
    const plugins = { broken: new Error('it threw on import') };
    const contained = bus(plugins);
    await contained.fire(series<number>('test:load'), 1);
    expect(contained.warnings[0]).toContain('without the plugin "broken": it threw on import');
    await expect(bus(plugins).fire(series<number>('test:load', { onFailure: 'abort' }), 1)).rejects.toThrow(
      'it threw on import',
    );
  });
});
