import { ExitCode, RigError } from '@rig/plugin-api';
import type { LogFailed } from '@rig/plugin-api/max';

/** The error of a log that Max cannot read on. */
export function followFailed({ code, detail, fix }: LogFailed): RigError {
  const exitCode = code === 'RIG_PATTERN_TOO_SLOW' ? ExitCode.Usage : ExitCode.Failed;
  return new RigError({ code, message: detail, exitCode, ...(fix === undefined ? {} : { hint: fix }) });
}

/** The log's channel ended, and nothing says why. */
export function closedByMax(topic: string): RigError {
  return new RigError({
    code: 'RIG_CHANNEL_CLOSED',
    message: `Max ended the log ${topic}`,
    hint: 'follow it anew; what Max does is in: rig max logs',
    exitCode: ExitCode.Unreachable,
  });
}
