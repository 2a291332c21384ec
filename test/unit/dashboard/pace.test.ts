import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from '../../../plugins/dashboard/src/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is called often works once for all calls of a while, and not any more once it was stopped', () => {
  let done = 0;
  const call = paced(100, () => {
    done += 1;
  });
  for (let ms = 0; ms < 1000; ms++) {
    call();
    vi.advanceTimersByTime(1);
  }
  expect(done).toBe(10);
  call();
  call.stop();
  vi.advanceTimersByTime(1000);
  expect(done).toBe(10);
});
