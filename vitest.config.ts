import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['rig-source'] },
  ssr: { resolve: { conditions: ['rig-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes on two cores: more workers only make each of them slower.
    maxWorkers: 2,
  },
});
