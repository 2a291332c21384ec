import { dirname, join } from 'node:path';
import type { Services } from '@rig/plugin-api';
import type { UserPlugins } from '../../plugins/index.ts';
import type { HostServices } from '../../services.ts';

/** Opens the plugins of this user, through the part of the host that is loaded only for that. */
export async function openUserPlugins(services: Services): Promise<UserPlugins> {
  const { openPlugins } = await import('#plugins');
  const { io, runtime, signal } = services as HostServices;
  return openPlugins(join(dirname(runtime.self[1]), '..', 'dist'), runtime.dirs.data, { io, signal });
}
