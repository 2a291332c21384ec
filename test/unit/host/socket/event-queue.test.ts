import { GAP_EVENT } from '@rig/plugin-api';
import { expect, it } from 'vitest';
import { EventQueue } from '../../../../host/src/socket/event-queue.ts';

const event = (n: number) => ({ event: 'n', payload: n });

async function rest(queue: EventQueue): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { event, payload } of queue) all.push(event === GAP_EVENT ? { gap: payload } : payload);
  return all;
}

it('drops the oldest beyond its number, and says once how many, at their place', async () => {
  const queue = new EventQueue({ overflow: 'drop-oldest', mostUnread: 3 });
  for (let n = 1; n <= 5; n += 1) expect(queue.push(event(n), 1)).toBe(true);
  expect(await queue.next()).toEqual({ done: false, value: { event: GAP_EVENT, payload: { dropped: 2 } } });
  expect((await queue.next()).value).toEqual(event(3));
  queue.push(event(6), 1);
  queue.push(event(7), 1);
  queue.end();
  expect(await rest(queue)).toEqual([{ gap: { dropped: 1 } }, 5, 6, 7]);
});

it('counts bytes too, and keeps one event that is larger than all of them', async () => {
  const queue = new EventQueue({ overflow: 'drop-oldest', mostUnreadBytes: 100 });
  for (let n = 1; n <= 3; n += 1) queue.push(event(n), 60);
  queue.push(event(4), 500);
  expect(queue.length).toBe(1);
  queue.end();
  expect(await rest(queue)).toEqual([{ gap: { dropped: 3 } }, 4]);
});

it('refuses what has no room where nothing may be dropped, and keeps what it has', async () => {
  const queue = new EventQueue({ mostUnread: 2 });
  expect([1, 2, 3].map((n) => queue.push(event(n), 1))).toEqual([true, true, false]);
  queue.end();
  expect(await rest(queue)).toEqual([1, 2]);
});

it('has room again for what was read, and none is needed where a reader waits', async () => {
  const queue = new EventQueue({ mostUnread: 1, mostUnreadBytes: 10 });
  for (let n = 0; n < 3000; n += 1) {
    expect(queue.push(event(n), 10)).toBe(true);
    expect((await queue.next()).value).toEqual(event(n));
  }
  const waiting = [queue.next(), queue.next()];
  for (const n of [1, 2]) queue.push(event(n), 50);
  expect((await Promise.all(waiting)).map(({ value }) => value.payload)).toEqual([1, 2]);
});

it('holds no bound where the topic itself has a window, and forgets drops with what comes again', async () => {
  const window = new EventQueue({ overflow: 'window', mostUnread: 1 });
  for (let n = 0; n < 20_000; n += 1) expect(window.push(event(n), 1_000_000)).toBe(true);
  expect(window.length).toBe(20_000);
  const queue = new EventQueue({ overflow: 'drop-oldest', mostUnread: 1 });
  queue.push(event(1), 1);
  queue.push(event(2), 1);
  queue.clear();
  queue.push(event(3), 1);
  queue.end();
  expect(await rest(queue)).toEqual([3]);
});
