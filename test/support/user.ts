import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { createHome, type Home } from './home.ts';

/** A user whom file permissions hold for; `undefined` where the suite runs as one already, or nobody else is there. */
export interface PlainUser {
  uid: number;
  gid: number;
}

const isRoot = process.getuid?.() === 0;

/** Root reads everything: then tests of permissions run rig as `nobody`. */
export function plainUser(): PlainUser | undefined {
  if (!isRoot) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Why permissions cannot be tested here, or `false`. */
export function permissionsUntestable(): string | false {
  if (process.platform === 'win32') return 'Windows has no such permissions';
  return isRoot && plainUser() === undefined ? 'root reads everything, and there is no user nobody' : false;
}

/** Folders that belong to the user. */
export function createHomeOf(user: PlainUser | undefined, env: Record<string, string> = {}): Home {
  const home = createHome(env);
  if (user) chownSync(home.dir, user.uid, user.gid);
  return home;
}
