import { expect, test } from 'vitest';
import { diagnose } from '../../../../plugins/max/src/deployments/exit-diagnosis.ts';

const HEAP = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
const exit = (code: number | null, signal: string | null = null, oomKilled = false) => ({ code, signal, oomKilled });

test.each([
  ['an error', exit(1), [], 'RIG_INSTANCE_CRASHED', 'exit 1'],
  ['a signal', exit(null, 'SIGSEGV'), [], 'RIG_INSTANCE_CRASHED', 'SIGSEGV'],
  ['no error', exit(0), [], 'RIG_INSTANCE_ENDED', 'exit 0'],
  ['an end that nobody saw', exit(null), [], 'RIG_INSTANCE_ENDED', 'ended while Max was not there to see how'],
  ['a kill by the kernel', exit(null, 'SIGKILL', true), [], 'RIG_OUT_OF_MEMORY', 'SIGKILL, out of memory'],
  [
    'a full heap',
    exit(null, 'SIGABRT'),
    [HEAP, '1: 0xb8 node::Abort()'],
    'RIG_OUT_OF_MEMORY',
    'SIGABRT, out of memory',
  ],
  ['a full heap below a shell', exit(134), [HEAP], 'RIG_OUT_OF_MEMORY', 'exit 134, out of memory'],
  ["Python's want of memory", exit(1), ['  File "x.py"', 'MemoryError'], 'RIG_OUT_OF_MEMORY', 'exit 1, out of memory'],
  ['another abort', exit(null, 'SIGABRT'), ['assertion failed'], 'RIG_INSTANCE_CRASHED', 'SIGABRT'],
  ['an app that only speaks of it', exit(1), [HEAP], 'RIG_INSTANCE_CRASHED', 'exit 1'],
])('%s', (_, status, lines, code, how) => {
  expect(diagnose(status, lines)).toEqual({ code, how });
});
