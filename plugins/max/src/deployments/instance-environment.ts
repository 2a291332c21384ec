import { join } from 'node:path';
import { baseEnvironment } from '../engine/environment.ts';
import type { InstanceContext } from './instance-context.ts';

/** The whole environment of an instance: a clean base, its vars and secrets, its port, and what it is a part of. */
export function instanceEnvironment(
  { app, release, values, codeFolder, homeFolder }: InstanceContext,
  { instance, port, tmp }: { instance: string; port: number; tmp: string },
): Record<string, string> {
  return {
    ...baseEnvironment({ home: homeFolder, tmp, path: [join(codeFolder, 'node_modules', '.bin')] }),
    NODE_ENV: 'production',
    ...values(),
    PORT: String(port),
    MAX_APP: app.name,
    MAX_NETWORK: app.network,
    MAX_RELEASE: `v${release.version}`,
    MAX_INSTANCE: instance,
  };
}
