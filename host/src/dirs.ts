import { join } from 'node:path';
import type { Io } from './io.ts';

/** rig's folders for this user. */
export interface Dirs {
  config: string;
  data: string;
  state: string;
  cache: string;
}

/** Finds rig's folders by the XDG rules: a relative path in a variable is ignored, as the specification asks. */
export function findDirs(io: Pick<Io, 'env' | 'home'>): Dirs {
  const dir = (name: string, ...fallback: string[]): string => {
    const set = io.env[name];
    return join(
      set?.startsWith('/') || /^[A-Za-z]:[\\/]/.test(set ?? '') ? (set as string) : join(io.home, ...fallback),
      'rig',
    );
  };
  return {
    config: dir('XDG_CONFIG_HOME', '.config'),
    data: dir('XDG_DATA_HOME', '.local', 'share'),
    state: dir('XDG_STATE_HOME', '.local', 'state'),
    cache: dir('XDG_CACHE_HOME', '.cache'),
  };
}
