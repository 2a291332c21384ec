import { ExitCode, RigError } from '@rig/plugin-api';
import { INSTANCES_MAX } from '@rig/plugin-api/max';

/** What the arguments and options of a scale say. */
export interface FormationWords {
  /** Such as `web=2`. */
  pairs: readonly string[];
  instances: string | undefined;
  process: string | undefined;
}

const EXAMPLE = 'for example: --instances 2, or --instances 3 --process worker, or web=2 worker=3';

const refuse = (message: string): RigError =>
  new RigError({ code: 'RIG_BAD_OPTION', message, hint: EXAMPLE, exitCode: ExitCode.Usage });

function countOf(type: string, text: string): number {
  const least = type === 'web' ? 1 : 0;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : -1;
  if (count >= least && count <= INSTANCES_MAX) return count;
  if (type === 'web' && count === 0)
    throw new RigError({
      code: 'RIG_BAD_OPTION',
      message: `instances of web must be from ${least} to ${INSTANCES_MAX}, and 0 is asked for`,
      hint: 'to run nothing of the app for a while: rig stop app NAME; for fewer: --instances 2',
      exitCode: ExitCode.Usage,
    });
  throw refuse(
    `instances of ${type} must be a whole number from ${least} to ${INSTANCES_MAX}, and is ${JSON.stringify(text)}`,
  );
}

/**
 * Reads how many instances are to run of each process type, from `TYPE=N` or from `--instances` and `--process`.
 *
 * @throws RigError `RIG_BAD_OPTION` (2)
 */
export function parseFormation({ pairs, instances, process }: FormationWords): Record<string, number> {
  if (pairs.length === 0 && instances === undefined) throw refuse('how many instances are to run is not said');
  if (pairs.length > 0 && (instances ?? process) !== undefined)
    throw refuse('how many instances are to run is said twice: by TYPE=N and by an option');
  if (instances !== undefined) {
    const type = process ?? 'web';
    if (!isType(type)) throw refuse(`--process must be the name of a process type, and is ${JSON.stringify(type)}`);
    return { [type]: countOf(type, instances) };
  }
  const counts = new Map<string, number>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const type = pair.slice(0, at);
    if (at < 0 || !isType(type)) throw refuse(`${JSON.stringify(pair)} is not of the form TYPE=N`);
    if (counts.has(type)) throw refuse(`the number of ${type} is said twice`);
    counts.set(type, countOf(type, pair.slice(at + 1)));
  }
  return Object.fromEntries(counts);
}

/** What a process type may be called in a Procfile. */
function isType(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(text);
}
