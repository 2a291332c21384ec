import { RigError } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import type { Output } from './services.ts';

/**
 * Tells whether a command that can follow is to: unless `--no-follow` says not to, or the form is one document, which has
 * to end.
 *
 * @param flag `--follow` (true), `--no-follow` (false), or neither
 * @throws RigError `RIG_FOLLOW_FORM` (2) for a document that is asked never to end
 */
export function shouldFollow(flag: boolean | undefined, format: Output['format']): boolean {
  const endless = format === 'table' || format === 'ndjson' || format === 'name';
  if (endless) return flag ?? true;
  if (flag === true)
    throw new RigError({
      code: 'RIG_FOLLOW_FORM',
      message: `-o ${format} is one document, and --follow has no end`,
      hint: 'follow a record a line: -o ndjson',
      exitCode: ExitCode.Usage,
    });
  return false;
}
