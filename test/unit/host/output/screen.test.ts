import { expect, it } from 'vitest';
import { Screen } from '../../../../host/src/output/screen.ts';
import { memoryIo } from '../support/memory-io.ts';

it('is held by one at a time, and what others write waits', () => {
  const { io, out } = memoryIo();
  const screen = new Screen(io, () => {});
  const release = screen.hold();
  expect(() => screen.hold()).toThrow(expect.objectContaining({ code: 'RIG_TERMINAL_BUSY', exitCode: 1 }));
  screen.write(screen.out, 'later');
  expect(out()).toBe('');
  release();
  expect(out()).toBe('later');
  screen.hold()();
});
