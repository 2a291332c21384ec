import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { relocateVenv } from '../build/relocate-venv.ts';

/**
 * Lets the virtual environments of restored builds name the folder that they are in now.
 *
 * @param builds the folder of the builds as it is now; @param from and to the state folder, before and then
 */
export function relocateScripts(builds: string, from: string, to: string): void {
  if (from === to || !existsSync(builds)) return;
  for (const build of readdirSync(builds))
    relocateVenv(join(builds, build, 'app'), `${from}/builds/${build}/app`, `${to}/builds/${build}/app`);
}
