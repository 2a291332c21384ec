import { isRigError, RigError } from '@rig/plugin-api';

/** What to say instead of an error's own hint, by its code. */
export type Hints = Readonly<Record<string, string | ((error: RigError) => string | Promise<string>)>>;

/** Runs `action`; an error whose code is in `hints` is thrown with that hint, which knows what the user typed. */
export async function explain<T>(hints: Hints, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isRigError(error)) throw error;
    const hint = hints[error.code];
    if (hint === undefined) throw error;
    throw new RigError({
      code: error.code,
      message: error.message,
      hint: typeof hint === 'string' ? hint : await hint(error),
      exitCode: error.exitCode,
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(error.lines === undefined ? {} : { lines: error.lines }),
      cause: error,
    });
  }
}
