import { ExitCode, isRigError, RigError, type Services } from '@rig/plugin-api';
import { type AppStatus, appPath, type Session, type SessionEnd } from '@rig/plugin-api/max';
import { type Interrupts, openSession, withInterrupts } from '../session/index.ts';
import { type CommandOutput, followSession } from './follow-session.ts';
import { type AppOfCommand, capturing, type RunInApp } from './run.ts';

/** Commands that run side by side. */
const AT_ONCE = 10;

/** Names of the instances that run, in order. @throws RigError `RIG_NO_INSTANCE` (5) */
export async function runningInstances(services: Services, app: AppOfCommand): Promise<string[]> {
  const http = await services.http();
  const { instances } = await http.get<AppStatus>(`${appPath(app)}/status`);
  const names = instances.filter(({ pid, state }) => pid !== null && state !== 'stopping').map(({ name }) => name);
  if (names.length > 0) return [...new Set(names)];
  throw new RigError({
    code: 'RIG_NO_INSTANCE',
    message: `the app ${app.app}.${app.network} has no instance that runs`,
    hint: `see how it fares: rig status app ${app.app}.${app.network}; one command runs all the same, without --all`,
    exitCode: ExitCode.Conflict,
  });
}

/** What becomes of it on one instance. */
export interface Run<T> {
  output: CommandOutput;
  ended(session: Session, end: SessionEnd): Promise<T> | T;
  /** It could not be run, or followed, there; the others go on. */
  failed(error: RigError): Promise<T> | T;
}

/** Runs it on each instance and gives what became of it. */
export type Each = <T>(on: (instance: string) => Run<T>) => Promise<T[]>;

/** Runs it on every instance, a few at a time: what fails on one is its own, and after Ctrl-C none is begun. */
export function onEach<T>(all: RunInApp, work: (names: readonly string[], each: Each) => Promise<T>): Promise<T> {
  const { services, app, request } = all;
  return withInterrupts(services, async (interrupts) => {
    const names = await runningInstances(services, app);
    const waiting = [...names.entries()];
    const runOne = async <R>(instance: string, { output, ended, failed }: Run<R>): Promise<R> => {
      try {
        const begin = () => openSession(services, appPath(app), { ...request, instance });
        const session = await interrupts.open(begin);
        const end = await followSession({ services, session, output, stdin: undefined, interrupts });
        return await ended(session, end);
      } catch (error) {
        if (isRigError(error) && !isOfAll(services, interrupts, error)) return failed(error);
        // What ends now must not make room for others.
        waiting.length = 0;
        throw error;
      }
    };
    const each = async <R>(on: (instance: string) => Run<R>): Promise<R[]> => {
      const results: R[] = [];
      const worker = async (): Promise<void> => {
        while (!interrupts.isOver) {
          const next = waiting.shift();
          if (next === undefined) return;
          const [at, name] = next;
          results[at] = await runOne(name, on(name));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      if (waiting.length > 0)
        throw interrupts.interruption(`interrupted; it was not begun on ${waiting.map(([, name]) => name).join(', ')}`);
      return results;
    };
    return capturing(interrupts, () => work(names, each));
  });
}

/** Whether an error is that of all, and not of one instance alone: nobody wants more of it, or may have any. */
const isOfAll = ({ signal }: Services, interrupts: Interrupts, { code, exitCode }: RigError): boolean =>
  signal.aborted || interrupts.isGivenUp || code === 'RIG_OUTPUT_TOO_LARGE' || exitCode === ExitCode.Denied;
