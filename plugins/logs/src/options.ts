import { ExitCode, RigError } from '@rig/plugin-api';

/** Lines that are shown unless `--lines` says otherwise. */
export const DEFAULT_LINES = 100;

/** As many as Max gives at once. */
const MOST_LINES = 10_000;

/** Reads the value of `--lines`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseLines(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LINES;
  const lines = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (lines <= MOST_LINES) return lines;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--lines must be a whole number from 0 to ${MOST_LINES}, and is ${JSON.stringify(text)}`,
    hint: 'for example: --lines 200',
    exitCode: ExitCode.Usage,
  });
}
