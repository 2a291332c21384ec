import type { Target } from '@rig/plugin-api';
import { createOutput, type HostOutput, type OutputOptions } from '../../../../host/src/output/index.ts';
import { type MemoryIo, memoryIo } from '../support/memory-io.ts';

/** An output whose streams are read back as text. */
export interface TestOutput extends MemoryIo {
  output: HostOutput;
  abort: AbortController;
}

/** Makes one. */
export function testOutput(
  options: Partial<OutputOptions> = {},
  given: Parameters<typeof memoryIo>[0] = {},
): TestOutput {
  const memory = memoryIo(given);
  const abort = options.abort ?? new AbortController();
  const target: Target = { context: 'local', server: 'http://127.0.0.1:7420' };
  const output = createOutput(memory.io, {
    verbose: false,
    version: '1.2.3',
    stateDir: '/nonexistent/state',
    describeTarget: async () => target,
    ...options,
    abort,
  });
  return { ...memory, output, abort };
}
