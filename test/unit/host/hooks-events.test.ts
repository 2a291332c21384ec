import { type EventFilter, eventReceived, GAP_EVENT, on, type PluginDefinition, type Services } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { passes } from '../../../host/src/event-filter.ts';
import { createBus } from '../../../host/src/hooks/index.ts';
import { recordManifest } from '../../../host/src/plugins/record.ts';
import { EventTaps } from '../../../host/src/socket/index.ts';

const updated = { event: 'event', payload: { type: 'deployment.updated' } };

describe('a filter of events', () => {
  test.each<[filter: EventFilter, passed: boolean]>([
    [{}, true],
    [{ topic: 'app:*', event: 'event', type: 'deployment.*' }, true],
    [{ topic: 'app:1' }, true],
    [{ topic: 'app:' }, false],
    [{ topic: 'network:*' }, false],
    [{ event: 'lines' }, false],
    [{ type: 'app.*' }, false],
  ])('%j: %s', (filter, passed) => {
    expect(passes(filter, 'app:1', updated)).toBe(passed);
  });

  test('of a type wants a payload that has one; what is missing concerns all of the topic', () => {
    for (const payload of [null, undefined, 'text', Buffer.from('x'), { type: 7 }])
      expect(passes({ type: '*' }, 'app:1', { event: 'event', payload })).toBe(false);
    const gap = { event: GAP_EVENT, payload: { dropped: 1 } };
    expect(passes({ event: 'event', type: 'x' }, 'app:1', gap)).toBe(true);
    expect(passes({ topic: 'network:*' }, 'app:1', gap)).toBe(false);
  });

  test('goes into the manifest, unless one of the taps wants everything', () => {
    const tap = (when?: EventFilter) => on(eventReceived, () => {}, when === undefined ? {} : { when });
    const manifestOf = (...taps: ReturnType<typeof tap>[]) => recordManifest({ name: 'x', taps }, '1.0.0', 'x.js').when;
    expect(manifestOf(tap({ event: 'a' }), tap({ event: 'b' }))).toEqual([{ event: 'a' }, { event: 'b' }]);
    expect(manifestOf(tap({ event: 'a' }), tap())).toBeUndefined();
    expect(manifestOf()).toBeUndefined();
  });

  test('gives each tap of a plugin its own events, and calls none for nothing', async () => {
    const seen: unknown[] = [];
    const note =
      (name: string) =>
      ({ events }: { events: readonly unknown[] }): void =>
        void seen.push([name, events.length]);
    const taps = [
      on(eventReceived, note('deployments'), { when: { type: 'deployment.*' } }),
      on(eventReceived, note('lines'), { when: { event: 'lines' } }),
      on(eventReceived, note('all')),
    ];
    const bus = createBus({
      load: async (name): Promise<PluginDefinition> => ({ name, taps }),
      servicesFor: () => ({}) as Services,
      warn: () => {},
      waitedForPerson: () => 0,
      signal: new AbortController().signal,
    });
    await bus.fire(eventReceived, { topic: 'app:1', events: [updated, { event: 'other', payload: 1 }] }, ['one']);
    expect(seen).toEqual([
      ['deployments', 1],
      ['all', 2],
    ]);
  });
});

describe('taps of events', () => {
  test('are told in batches by topic, one at a time, and of all of them at the end', async () => {
    const told: Array<[string, number]> = [];
    let busy = 0;
    const taps = new EventTaps(async (topic, events) => {
      busy += 1;
      expect(busy).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
      told.push([topic, events.length]);
      if (told.length === 1) taps.received('c', updated);
      throw new Error('a tap that fails is not our affair');
    });
    for (const topic of ['a', 'a', 'b', 'a']) taps.received(topic, updated);
    await taps.settled();
    expect(told).toEqual([
      ['a', 3],
      ['b', 1],
      ['c', 1],
    ]);
  });

  test('that are slow miss the oldest, and are told how many', async () => {
    const told: unknown[] = [];
    const taps = new EventTaps(async (_topic, events) => void told.push(events[0], events.length));
    for (let n = 0; n < 1500; n += 1) taps.received('a', updated);
    await taps.settled();
    expect(told).toEqual([{ event: GAP_EVENT, payload: { dropped: 500 } }, 1001]);
  });
});
