import { join } from 'node:path';
import { VENV } from '../build/relocate-venv.ts';
import { baseEnvironment } from '../engine/environment.ts';
import type { InstanceContext } from './instance-context.ts';

/** Where the programs of an app's packages are. */
const PROGRAMS = ['node_modules/.bin', `${VENV}/bin`];

/** The whole environment of an instance: a clean base, its vars and secrets, its port if it has one, and what it is a part of. */
export function instanceEnvironment(
  { app, release, values, codeFolder, homeFolder }: InstanceContext,
  { instance, port, tmp }: { instance: string; port: number | null; tmp: string },
): Record<string, string> {
  return {
    ...baseEnvironment({ home: homeFolder, tmp, path: PROGRAMS.map((folder) => join(codeFolder, folder)) }),
    NODE_ENV: 'production',
    // Else Python keeps what it prints until there is enough of it, and the log lags behind.
    PYTHONUNBUFFERED: '1',
    ...values(),
    ...(port === null ? {} : { PORT: String(port) }),
    MAX_APP: app.name,
    MAX_NETWORK: app.network,
    MAX_RELEASE: `v${release.version}`,
    MAX_INSTANCE: instance,
  };
}
