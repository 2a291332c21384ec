import { isRigError, RigError, type RigErrorInit } from '@rig/plugin-api';

/** What a Max process tells the rig that started it. */
export type MaxMessage =
  | { kind: 'ready'; url: string; port: number; pid: number }
  | { kind: 'done'; apps: number }
  | { kind: 'failed'; error: RigErrorInit };

/** Puts an error into a message. */
export function failureMessage(error: unknown): MaxMessage {
  if (!isRigError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: 'failed',
      error: { code: 'RIG_MAX_FAILED', message: `Max failed: ${message}`, hint: 'see: rig max logs' },
    };
  }
  const { code, message, hint, exitCode, details } = error;
  return {
    kind: 'failed',
    error: {
      code,
      message,
      exitCode,
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** Makes an error of a message again. */
export function errorOf(message: MaxMessage & { kind: 'failed' }): RigError {
  return new RigError(message.error);
}
