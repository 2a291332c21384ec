import { expect, it } from 'vitest';
import type { IndexedPlugin } from '../../../../host/src/plugins/index-file.ts';
import { createLoader } from '../../../../host/src/plugins/loader.ts';

it('says how a first-party plugin that is not installed is added', async () => {
  const plugin: IndexedPlugin = { version: '1.0.0', entry: '@rig/plugin-elsewhere', permissions: [] };
  await expect(createLoader(import.meta.url)('elsewhere', plugin)).rejects.toMatchObject({
    code: 'RIG_PLUGIN_NOT_INSTALLED',
    exitCode: 8,
    hint: 'add it with: npm install -g @rig/plugin-elsewhere',
  });
});
