import type { ExitStatus } from '../engine/engine.ts';

/**
 * The exit of a process, or `undefined` when Max lets go of its instance before.
 *
 * @param retired aborted when the instance is to end, and when Max lets go of it
 */
export function untilExit(
  exited: Promise<ExitStatus>,
  retired: AbortSignal,
  released: () => boolean,
): Promise<ExitStatus | undefined> {
  const letGo = new Promise<undefined>((resolve) => {
    const settle = (): void => {
      // Retired, it is being stopped and its exit comes; released, it never does.
      if (released()) resolve(undefined);
    };
    if (retired.aborted) settle();
    else retired.addEventListener('abort', settle, { once: true });
  });
  return Promise.race([exited, letGo]);
}
