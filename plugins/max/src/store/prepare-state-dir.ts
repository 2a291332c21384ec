import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { isRigError } from '@rig/plugin-api';
import { stateFolderUnusable, unusable } from './errors.ts';
import { isStateFolder, stateNames } from './state-paths.ts';

/** A folder that holds anything else than Max's own files is somebody's: nothing of it may be taken for Max's later. */
function refuseForeign(dir: string): void {
  if (isStateFolder(dir)) return;
  const known = stateNames();
  const foreign = readdirSync(dir).find((name) => !known.has(name));
  if (foreign !== undefined)
    throw stateFolderUnusable(
      dir,
      `it holds other files, such as ${JSON.stringify(foreign)}, and Max wants a folder of its own`,
    );
}

/**
 * Makes the folder where it is not there, readable by this user alone.
 *
 * @throws RigError `RIG_STATE_DIR` when it cannot be made or used, or holds what is not Max's; nothing is changed then
 */
export function prepareStateDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    refuseForeign(dir);
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700);
  } catch (error) {
    if (isRigError(error)) throw error;
    throw unusable(dir, error);
  }
}
