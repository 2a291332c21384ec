import { setMaxListeners } from 'node:events';

/**
 * Calls back when a signal aborts; gives the function that forgets it. Any number may wait for one signal: a command
 * gives its own to everything that it does at once, and that is no leak to warn of.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
