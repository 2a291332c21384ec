import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RigError, type Services } from '@rig/plugin-api';
import { readPort } from './serve-options.ts';
import { DEFAULT_PORT, statePaths } from './store/state-paths.ts';

/**
 * Where a Max keeps its state: `--state-dir`, else RIG_MAX_DIR, else the folder of this user.
 *
 * @throws RigError `RIG_STATE_DIR` for a folder that is closed to this user: what runs on it could not be told
 */
export function stateDirOf(runtime: Services['runtime'], option: string | undefined): string {
  const { cwd, env, dirs } = runtime;
  const dir = resolve(cwd, option || env.RIG_MAX_DIR || join(dirs.state, 'max'));
  try {
    accessSync(dir, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      throw new RigError({
        code: 'RIG_STATE_DIR',
        message: `the state folder ${dir} is closed to this user (${code})`,
        hint: 'use Max as the user whose folder it is, or name another folder with --state-dir',
      });
  }
  return dir;
}

/** The port that a Max on this folder had last. */
export function rememberedPort(dir: string): number | undefined {
  try {
    const text = readFileSync(statePaths(dir).port, 'utf8').trim();
    return /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where a Max should listen: `--port`, else RIG_MAX_PORT, else where it did before, else 7420.
 *
 * @throws RigError `RIG_USAGE` (2)
 */
export function portOf(env: Services['runtime']['env'], option: string | undefined, dir: string): number {
  if (option !== undefined) return readPort(option, '--port');
  if (env.RIG_MAX_PORT) return readPort(env.RIG_MAX_PORT, 'RIG_MAX_PORT');
  return rememberedPort(dir) ?? DEFAULT_PORT;
}
