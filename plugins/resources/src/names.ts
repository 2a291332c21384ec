import { ExitCode, RigError } from '@rig/plugin-api';
import { checkName } from '@rig/plugin-api/max';

/**
 * Refuses a bad name before anything is sent.
 *
 * @param suggest makes the command that mends it from a valid name
 * @throws RigError `RIG_BAD_NAME` (2)
 */
export function requireName(kind: 'network' | 'app', name: string, suggest: (valid: string) => string): void {
  const bad = checkName(name);
  if (bad === undefined) return;
  throw new RigError({
    code: 'RIG_BAD_NAME',
    message: `the ${kind} name ${JSON.stringify(name)} ${bad.reason}`,
    hint: suggest(bad.suggestion),
    exitCode: ExitCode.Usage,
    details: { name, reason: bad.reason, suggestion: bad.suggestion },
  });
}

/** How an app is written everywhere: `api.shop`. */
export function fullName(ref: { app: string; network: string }): string {
  return `${ref.app}.${ref.network}`;
}
