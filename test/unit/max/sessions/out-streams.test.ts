import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OutStreams } from '../../../../plugins/max/src/sessions/out-streams.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

test('what comes while it is looked whether anything comes puts the end off by as long as at any other time', async () => {
  let write = (_text: string): void => {};
  const source = {
    start: (onData: (bytes: Buffer) => void) => {
      write = (text) => onData(Buffer.from(text));
    },
    pause() {},
    resume() {},
  };
  const out = new OutStreams({ stdout: source, stderr: null } as never, 1000, { came() {}, more() {}, ended() {} });
  out.start();
  let closed = 0;
  out.closeWhenQuiet(10_000, () => {
    closed += 1;
  });
  const pass = async (ms: number): Promise<void> => {
    vi.advanceTimersByTime(ms);
    await nextTurn();
  };
  vi.advanceTimersByTime(500);
  write('between the timer and the look');
  await nextTurn();
  await pass(400);
  write('later');
  await pass(400);
  expect(closed).toBe(0);
  await pass(100);
  expect(closed).toBe(1);
  await pass(5000);
  expect(closed).toBe(1);
});
