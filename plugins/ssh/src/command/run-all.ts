import { drawn, ExitCode, isRigError, type Outcome, RigError, type Services, withExitCode } from '@rig/plugin-api';
import { type AppStatus, appPath, type Session, type SessionEnd } from '@rig/plugin-api/max';
import { openSession } from '../session/index.ts';
import { Captured, CaptureRoom } from './captured.ts';
import { endText, rigExitCode } from './ending.ts';
import { type CommandOutput, followSession } from './follow-session.ts';
import type { Interrupts } from './interrupts.ts';
import { RecordQueue, Records } from './records.ts';
import type { CommandRecord, CommandResult, Detached } from './result.ts';
import { type AppOfCommand, capturing, type RunInApp, recordsOf, withInterrupts } from './run.ts';
import { PrefixedOutput } from './standard-output.ts';

/** Commands that run side by side. */
const AT_ONCE = 10;

/** How it went on one instance. */
interface Ended {
  instance: string;
  code: number;
  /** In few words. */
  text: string;
}

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

/** Starts it, or on each instance, to go on by itself. */
export async function detach({ services, app, request }: RunInApp, all: boolean): Promise<Detached | Detached[]> {
  await services.output.target(`app ${app.app}.${app.network}`, app.origin);
  const start = async (more: { instance?: string }): Promise<Detached> => {
    const session = await openSession(services, appPath(app), { ...request, ...more });
    const { id, app: name, network, instance, release, argv, startedAt } = session;
    return { id, app: name, network, instance, release, argv, startedAt };
  };
  const started: Detached[] = [];
  if (all) for (const instance of await runningInstances(services, app)) started.push(await start({ instance }));
  else started.push(await start({}));
  const [first] = started as [Detached];
  services.output.note(`follow it: rig command attach ${first.id}; end it: rig command stop ${first.id}`);
  return all ? started : first;
}

/** Runs it with prefixed lines on rig's own streams. */
export async function runAllThrough(all: RunInApp): Promise<Outcome<never>> {
  const { services, app } = all;
  const names = await runningInstances(services, app);
  const width = Math.max(...names.map((name) => name.length));
  if (services.output.interactive)
    await services.output.target(`${count(names.length)} of app ${app.app}.${app.network}`, app.origin);
  const ends = await withInterrupts(services, async (interrupts) => {
    const lease = await services.lease();
    try {
      return await onEach(names, interrupts, async (instance) => {
        const prefix = `${instance.padEnd(width)} | `;
        const output = new PrefixedOutput(lease, prefix);
        try {
          const { session, end } = await runOne(all, instance, interrupts, output);
          await output.end();
          return { instance, code: rigExitCode(session, end), text: endText(end) };
        } catch (error) {
          if (!isRigError(error) || isOver(services, interrupts, error)) throw error;
          await output.end();
          await lease.writeError(`${prefix}error: ${error.message} (${error.code})\n`);
          return { instance, code: error.exitCode, text: error.code };
        }
      });
    } finally {
      await lease.release();
    }
  });
  services.output.note(summary(ends));
  return drawn(worst(ends));
}

/** Runs it and gives all that each instance wrote, as one value. */
export async function runAllCaptured(all: RunInApp): Promise<Outcome<CommandResult[]>> {
  const names = await runningInstances(all.services, all.app);
  const room = new CaptureRoom();
  const ends = await withInterrupts(all.services, (interrupts) =>
    capturing(interrupts, () =>
      onEach(names, interrupts, async (instance) => {
        const output = new Captured(room);
        const { session, end } = await runOne(all, instance, interrupts, output);
        return { result: output.result(session, end), code: rigExitCode(session, end) };
      }),
    ),
  );
  return withExitCode(
    ends.map(({ result }) => result),
    worst(ends),
  );
}

/** Runs it and gives what each instance writes as it comes. */
export function runAllRecords(all: RunInApp): Outcome<CommandRecord> {
  const queue = new RecordQueue();
  let code = 0;
  const run = withInterrupts(all.services, async (interrupts) => {
    const names = await runningInstances(all.services, all.app);
    await onEach(names, interrupts, async (instance) => {
      const output = new Records(queue, { instance });
      const { session, end } = await runOne(all, instance, interrupts, output);
      code = Math.max(code, rigExitCode(session, end));
      await output.end(session, end);
    });
  });
  return recordsOf(queue, run, () => code);
}

async function runOne(
  { services, app, request }: RunInApp,
  instance: string,
  interrupts: Interrupts,
  output: CommandOutput,
): Promise<{ session: Session; end: SessionEnd }> {
  const session = await openSession(services, appPath(app), { ...request, instance });
  return { session, end: await followSession({ services, session, output, stdin: undefined, interrupts }) };
}

/** Does something for each name, a few at a time; results in the order of the names. After Ctrl-C none is begun. */
async function onEach<T>(
  names: readonly string[],
  interrupts: Interrupts,
  work: (name: string) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < names.length && !interrupts.isOver) {
      const at = next;
      next += 1;
      results[at] = await work(names[at] as string);
    }
  };
  await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, worker)), interrupts.given]);
  return results.filter((result) => result !== undefined);
}

/** Whether the whole is at its end, and not one instance alone. */
const isOver = ({ signal }: Services, interrupts: Interrupts, { code }: RigError): boolean =>
  signal.aborted || (interrupts.isOver && code === 'RIG_INTERRUPTED');

const worst = (ends: ReadonlyArray<{ code: number }>): number => Math.max(0, ...ends.map(({ code }) => code));

const count = (many: number): string => (many === 1 ? '1 instance' : `${many} instances`);

/** `3 instances: 2 exit 0 (web.1, web.3), 1 exit 7 (web.2)`. */
function summary(ends: readonly Ended[]): string {
  const byText = new Map<string, string[]>();
  for (const { text, instance } of ends) byText.set(text, [...(byText.get(text) ?? []), instance]);
  if (byText.size <= 1) return `${count(ends.length)}: ${[...byText.keys()][0] ?? 'nothing was run'}`;
  const parts = [...byText].map(([text, names]) => `${names.length} ${text} (${names.join(', ')})`);
  return `${count(ends.length)}: ${parts.join(', ')}`;
}
