import type { SessionEnd } from './sessions.ts';

/** How a session ended, in few words: `exit 0`, `SIGTERM`, `timeout (SIGTERM)`. */
export function sessionEndText({ reason, code, signal }: Pick<SessionEnd, 'reason' | 'code' | 'signal'>): string {
  const how = signal ?? (code === null ? undefined : `exit ${code}`);
  if (reason === 'exited') return how ?? 'unseen';
  return how === undefined ? reason : `${reason} (${how})`;
}
