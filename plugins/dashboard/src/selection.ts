import { ExitCode, RigError } from '@rig/plugin-api';

/** Reads the value of `--filter`. @throws RigError `RIG_BAD_OPTION` (2) for one that filters nothing */
export function parseFilter(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() !== '') return text;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: '--filter is empty',
    hint: 'part of a name, a network or a state: --filter crashed',
    exitCode: ExitCode.Usage,
  });
}
