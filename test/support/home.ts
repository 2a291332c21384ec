import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A user's folders in a place of their own, and the environment that leads rig there. */
export interface Home {
  dir: string;
  /** The environment of a rig process: nothing of the developer's own settings reaches it. */
  env: Record<string, string>;
  /** What its rigs are started by, such as a program that enters a namespace. */
  within?: readonly string[];
  remove(): Promise<void>;
}

/** Makes folders for one test. Every variable that could change what rig does is pinned. */
export function createHome(extra: Record<string, string> = {}): Home {
  const dir = mkdtempSync(join(tmpdir(), 'rig-test-'));
  return {
    dir,
    env: {
      // npm, node and shells of deployed apps are found as on the developer's machine.
      PATH: process.env.PATH ?? '',
      HOME: dir,
      XDG_CONFIG_HOME: join(dir, 'config'),
      XDG_DATA_HOME: join(dir, 'data'),
      XDG_STATE_HOME: join(dir, 'state'),
      XDG_CACHE_HOME: join(dir, 'cache'),
      XDG_CONFIG_DIRS: join(dir, 'system'),
      TMPDIR: tmpdir(),
      LANG: 'C.UTF-8',
      // A developer's keychain is not for tests.
      RIG_KEYCHAIN: 'off',
      // Any free port, so that suites can run side by side.
      RIG_MAX_PORT: '0',
      ...extra,
    },
    remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}
