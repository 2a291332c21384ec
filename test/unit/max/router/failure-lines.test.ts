import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { levelOf } from '../../../../plugins/max/src/logs/level.ts';
import { FailureLines, type RouterFailure } from '../../../../plugins/max/src/router/failure-lines.ts';

const failure: RouterFailure = {
  level: 'error',
  code: 'RIG_BAD_GATEWAY',
  status: 502,
  method: 'POST',
  path: '/orders?token=sentinel',
  requestId: 'req_1',
  durationMs: 12.4,
  instance: 'web.1',
  why: 'it closed the connection',
};
const host = { app: 'api', network: 'shop' };
let lines: string[];
let told: FailureLines;
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  told = new FailureLines((of, text) => lines.push(`${of.app}.${of.network} ${text}`));
});
afterEach(() => void vi.useRealTimers());

test('a failure is one line with what it takes to find the request, and without its query', () => {
  told.add(host, failure);
  expect(lines).toEqual([
    'api.shop level=error code=RIG_BAD_GATEWAY status=502 method=POST path=/orders instance=web.1 duration=12ms request=req_1 why="it closed the connection"',
  ]);
  expect(levelOf({ text: lines[0]!.slice('api.shop '.length), stream: 'system' })).toBe('error');
});

test.each([
  ['/a?b#c', 'path=/a '],
  ['/a level=info x', 'path="/a level=info x" '],
  ['/\u001b[31m"', 'path="/\\u001b[31m\\"" '],
  [`/${'x'.repeat(500)}`, `path=/${'x'.repeat(199)}… `],
])('the path %j cannot be taken for anything else', (path, shown) => {
  told.add(host, { ...failure, path });
  expect(lines[0]).toContain(` ${shown}`);
});

test('a flood is a few lines a second and a count, for each app by itself', () => {
  for (let count = 0; count < 500; count += 1) told.add(host, failure);
  for (let count = 0; count < 7; count += 1) told.add(host, { ...failure, level: 'info', code: 'RIG_CLIENT_GONE' });
  told.add({ ...host, app: 'other' }, failure);
  expect(lines).toHaveLength(11);
  expect(lines[10]).toMatch(/^other\.shop /);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(11)).toEqual([
    'api.shop level=error code=RIG_BAD_GATEWAY count=490 why="as many more within a second"',
    'api.shop level=info code=RIG_CLIENT_GONE count=7 why="as many more within a second"',
  ]);
  told.add(host, failure);
  expect(lines[13]).toContain('request=req_1');
  vi.advanceTimersByTime(1_000);
  expect(lines).toHaveLength(14);
});

test('what was counted is told at the end, and then nothing', () => {
  for (let count = 0; count < 12; count += 1) told.add(host, failure);
  told.close();
  expect(lines.slice(10)).toEqual([
    'api.shop level=error code=RIG_BAD_GATEWAY count=2 why="as many more within a second"',
  ]);
  told.add(host, failure);
  expect(vi.getTimerCount()).toBe(0);
  expect(lines).toHaveLength(11);
});
