import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder } from './plan.ts';

/** A folder of files to serve as they are. */
export const staticBuilder: Builder = {
  name: 'static',
  looksFor: 'an index.html',
  async detect(folder) {
    const index = await stat(join(folder, 'index.html')).catch(() => undefined);
    if (!index?.isFile()) return undefined;
    return {
      builder: 'static: index.html',
      reason: 'it has an index.html; Max serves the folder as it is',
      steps: [],
      processes: { web: { kind: 'static' } },
    };
  },
};
