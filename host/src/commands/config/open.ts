import type { Services } from '@rig/plugin-api';
import type { HostConfig } from '../../config/index.ts';

/** The configuration with what only rig's own commands may do: the host gives them the whole of it. */
export async function openConfig(services: Services): Promise<HostConfig> {
  return (await services.config()) as HostConfig;
}
