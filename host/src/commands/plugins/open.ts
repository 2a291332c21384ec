import { dirname, join } from 'node:path';
import type { Services } from '@rig/plugin-api';

/** Opens the plugins of this user, through the part of the host that is loaded only for that. */
export async function openUserPlugins(services: Services) {
  const { openPlugins } = await import('#plugins');
  const { self, dirs } = services.runtime;
  return openPlugins(join(dirname(self[1]), '..', 'dist'), dirs.data);
}
