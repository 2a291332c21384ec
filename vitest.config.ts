import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['rig-source'] },
  ssr: { resolve: { conditions: ['rig-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Twice what the longest needs on a machine that does four other things.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes at once on an idle machine; on a busy one nobody knows when.
    expect: { poll: { timeout: 30_000 } },
    // Real processes on two cores: more workers only make each of them slower.
    maxWorkers: 2,
  },
});
