import { expect, test } from 'vitest';
import { RequestMeter } from '../../../../plugins/max/src/metrics/request-meter.ts';

test('requests of a part that is to come, of a clock that ran ahead, are of no minute', () => {
  const meter = new RequestMeter();
  for (const part of [100, 5000, 101]) {
    meter.add(200, part === 5000 ? 9000 : 1);
    expect(meter.turn(part).statuses[1]).toBe(1);
  }
  expect(meter.between(96, 101).statuses[1]).toBe(1);
  for (let part = 102; part < 5000; part += 1) meter.turn(part);
  meter.add(200, 1);
  meter.turn(5000);
  expect(meter.between(4995, 5000)).toMatchObject({ statuses: [0, 1, 0, 0, 0] });
});

test('the last minute has six parts, and no older ones', () => {
  const meter = new RequestMeter();
  for (let part = 1; part <= 20; part += 1) {
    meter.add(part % 2 === 0 ? 200 : 404, 1);
    meter.turn(part);
  }
  expect(meter.between(0, 20).statuses).toEqual([0, 3, 0, 3, 0]);
});
