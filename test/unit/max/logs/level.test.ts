import { expect, test } from 'vitest';
import { atLeast, levelOf } from '../../../../plugins/max/src/logs/level.ts';

test.each([
  ['{"level":"warn","msg":"x"}', 'warn'],
  ['{"level":50,"msg":"pino"}', 'error'],
  ['{"severity":"CRITICAL"}', 'fatal'],
  ['{"msg":"no level"}', 'info'],
  ['{"level": broken', 'info'],
  ['time=2026 level=error msg="x"', 'error'],
  ['2026-03-01T09:30:05.120Z WARN slow', 'warn'],
  ['2026-03-01 09:30:05,120 [debug] x', 'debug'],
  ['[ERROR] x', 'error'],
  ['WARNING:root:x', 'warn'],
  ['error: no such file', 'error'],
  ['error messages are rare', 'info'],
  ['ERRORS.md was read', 'info'],
  ['plain', 'info'],
] as const)('%s is %s', (text, level) => {
  expect(levelOf({ text, stream: 'stdout' })).toBe(level);
});

test('without a word on it standard error is an error, and what says a level keeps it there', () => {
  expect(levelOf({ text: '    at main (x.js:1)', stream: 'stderr' })).toBe('error');
  expect(levelOf({ text: 'INFO:root:x', stream: 'stderr' })).toBe('info');
  expect([atLeast('error', 'warn'), atLeast('warn', 'warn'), atLeast('info', 'warn')]).toEqual([true, true, false]);
});
