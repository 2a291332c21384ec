import type { Dirs } from '../dirs.ts';
import type { Io } from '../io.ts';

/** What sign-in needs of the process it runs in. */
export interface AuthHost {
  io: Pick<Io, 'env' | 'platform' | 'uid' | 'pid' | 'isAlive'>;
  dirs: Pick<Dirs, 'data'>;
  output: {
    note(text: string): void;
    warn(code: string, text: string): void;
  };
  signal?: AbortSignal | undefined;
}
