import { expect, test } from 'vitest';
import { InstanceEventPace } from '../../../../plugins/max/src/deployments/instance-event-pace.ts';

const minute = 60_000;

test('an app that comes and goes is told of thirty times in ten minutes, and the last one is known', () => {
  const pace = new InstanceEventPace();
  const told = Array.from({ length: 40 }, (_, i) => pace.next('app_1', i * 1000));
  expect(told.slice(28, 32)).toEqual(['told', 'last', 'untold', 'untold']);
  expect(pace.next('app_2', 40_000)).toBe('told');
  // The first two are long enough ago then.
  expect([pace.next('app_1', 10 * minute + 1000), pace.next('app_1', 10 * minute + 1000)]).toEqual(['told', 'last']);
  expect(pace.next('app_1', 30 * minute)).toBe('told');
});
