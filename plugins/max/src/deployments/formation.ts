import type { BuildPlan } from '../build/plan.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { AppRecord } from '../store/apps.ts';

/** How many instances there are of each process type. */
export type Formation = Readonly<Record<string, number>>;

/** The process type that gets requests. */
export const WEB = 'web';

/** The line of a Procfile that runs once for each release. */
const RELEASE = 'release';

/** The process types of a release that instances run of, `web` first, the others by name. */
export function instanceTypes(processes: BuildPlan['processes']): string[] {
  return Object.keys(processes)
    .filter((type) => type !== RELEASE)
    .sort(byType);
}

/**
 * How many instances of each of a release's process types are to run: one, unless another number was set. Where the types to
 * which 0 was set are all that a release has, they run all the same.
 */
export function formationOf(processes: BuildPlan['processes'], set: Formation): Record<string, number> {
  const types = instanceTypes(processes);
  const wanted = types.map((type) => [type, Object.hasOwn(set, type) ? set[type]! : 1] as const);
  const isNothing = wanted.every(([, count]) => count === 0);
  return Object.fromEntries(isNothing ? types.map((type) => [type, 1]) : wanted);
}

/**
 * Checks that what is asked for fits what is released.
 *
 * @throws ProblemError `RIG_PROCESS_NOT_FOUND` (404), `RIG_NOTHING_TO_RUN` (422)
 */
export function checkFormation(
  app: Pick<AppRecord, 'name' | 'network'>,
  processes: BuildPlan['processes'],
  set: Formation,
  asked: Formation,
): void {
  const name = `${app.name}.${app.network}`;
  const types = instanceTypes(processes);
  const strange = Object.keys(asked).find((type) => !types.includes(type));
  if (strange !== undefined)
    throw new ProblemError(404, 'RIG_PROCESS_NOT_FOUND', `the app ${app.name} has no process type ${strange}`, {
      fix: `it has: ${types.join(', ')}; add a line for ${strange} to its Procfile and deploy it, or see: rig details app ${name}`,
    });
  const next = { ...set, ...asked };
  if (types.every((type) => Object.hasOwn(next, type) && next[type] === 0))
    throw new ProblemError(422, 'RIG_NOTHING_TO_RUN', `nothing of the app ${app.name} would run then`, {
      fix: `to run nothing of it for a while: rig stop app ${name}`,
    });
}

/** The names of a formation's instances, in order: `web.1`, `web.2`, `worker.1`. */
export function instanceNames(formation: Formation): string[] {
  return Object.entries(formation).flatMap(([type, count]) =>
    Array.from({ length: count }, (_, index) => `${type}.${index + 1}`),
  );
}

/** The process type of an instance's name. */
export function processTypeOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}

/** Orders instances' names: by type, `web` first, then by number. */
export function byInstanceName(one: string, other: string): number {
  const number = (name: string): number => Number(name.slice(name.lastIndexOf('.') + 1));
  return byType(processTypeOf(one), processTypeOf(other)) || number(one) - number(other);
}

function byType(one: string, other: string): number {
  if (one === other) return 0;
  if (one === WEB || other === WEB) return one === WEB ? -1 : 1;
  return one < other ? -1 : 1;
}
