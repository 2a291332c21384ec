import type { TerminalLease } from '@rig/plugin-api';
import type { SessionLink } from '../session/index.ts';
import { type Escape, EscapeReader } from './escapes.ts';

/** Bytes that may be typed ahead of a shell that does not read, before the terminal has to keep them. */
const mostTyped = 4 * 1024 * 1024;

/**
 * Sends what is typed: what the window does not take waits here, so that an escape is seen however much that is. Gives a
 * function that stops it.
 */
export function readKeys(lease: TerminalLease, link: SessionLink, onEscape: (asked: Escape) => void): () => void {
  const reader = new EscapeReader();
  let waiting = 0;
  const onTyped = (typed: Buffer): void => {
    const { bytes, escapes } = reader.read(typed);
    waiting += bytes.length;
    if (waiting > mostTyped) lease.stdin.pause();
    void link.write(bytes).then(() => {
      waiting -= bytes.length;
      if (waiting <= mostTyped && lease.stdin.isPaused()) lease.stdin.resume();
    });
    for (const asked of escapes) onEscape(asked);
  };
  const onEnd = (): void => link.end();
  lease.stdin.on('data', onTyped);
  lease.stdin.once('end', onEnd);
  return () => {
    // A terminal that is given back must not be read again by a write that settles now.
    waiting = Number.POSITIVE_INFINITY;
    lease.stdin.off('data', onTyped);
    lease.stdin.off('end', onEnd);
    lease.stdin.pause();
  };
}
