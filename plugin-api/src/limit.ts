import { RigError } from './errors.ts';
import { ExitCode } from './exit-code.ts';

/** Reads the value of `--limit`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseLimit(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const limit = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return limit;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--limit must be a whole number above 0, and is ${JSON.stringify(text)}`,
    hint: 'for example: --limit 20',
    exitCode: ExitCode.Usage,
  });
}
