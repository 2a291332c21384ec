import type { Readable } from 'node:stream';
import { drawn, type Outcome, type Services, withExitCode } from '@rig/plugin-api';
import { appPath, type Session, type SessionEnd } from '@rig/plugin-api/max';
import { endedWith, type Interrupts, openSession, withInterrupts } from '../session/index.ts';
import { Captured, CaptureRoom } from './captured.ts';
import { isUnseen, rigExitCode } from './ending.ts';
import { followSession } from './follow-session.ts';
import { RecordQueue, Records } from './records.ts';
import type { CommandRequest } from './request.ts';
import type { CommandRecord, CommandResult } from './result.ts';
import { StandardOutput } from './standard-output.ts';

/** An app, and which source said so. */
export interface AppOfCommand {
  app: string;
  network: string;
  origin: string;
}

/** What is run, and in which app. */
export interface RunInApp {
  services: Services;
  app: AppOfCommand;
  request: CommandRequest;
}

/** A command that is to be followed, whoever has begun it. */
export interface Followed {
  services: Services;
  /** Begins it, or finds it. */
  open(): Promise<Session>;
  /** Standard input is sent to it. */
  stdin: boolean;
  /** Ctrl-C and an error leave it to itself. */
  leaves?: boolean;
}

/** Begins a command in an app, and says where for a person. */
export async function begin({ services, app, request }: RunInApp): Promise<Session> {
  const session = await openSession(services, appPath(app), request);
  // Standard error is the command's, but for a person who looks at it.
  if (services.output.interactive)
    await services.output.target(`${session.instance} of app ${app.app}.${app.network}`, app.origin);
  return session;
}

/** Runs a command with rig's own streams, and ends as it ends. @throws RigError where it did not end by itself */
export async function runThrough({ services, open, stdin, leaves }: Followed): Promise<Outcome<never>> {
  const { end, session } = await withInterrupts(
    services,
    async (interrupts) => {
      const session = await interrupts.open(open);
      const lease = await services.lease();
      try {
        const output = new StandardOutput(lease);
        const input = stdin ? lease.stdin : undefined;
        const end = await followSession({ services, session, output, stdin: input, interrupts });
        await output.end();
        if (output.drew) services.output.note(drewText(session));
        return { session, end };
      } finally {
        await lease.release();
      }
    },
    leaves,
  );
  const code = endedWith(session, end);
  if (isUnseen(end)) services.output.warn('RIG_SESSION_UNSEEN', unseenText(session, end));
  return drawn(code);
}

/** Runs a command and gives all that it wrote, as one value. */
export async function runCaptured({ services, open, stdin, leaves }: Followed): Promise<Outcome<CommandResult>> {
  return withInterrupts(
    services,
    async (interrupts) => {
      const session = await interrupts.open(open);
      const output = new Captured(new CaptureRoom(leaves ? session.id : undefined));
      const end = await capturing(interrupts, () =>
        followSession({ services, session, output, stdin: inputOf(services, stdin), interrupts }),
      );
      return withExitCode(output.result(session, end), rigExitCode(session, end));
    },
    leaves,
  );
}

/** Runs a command and gives what it writes as it comes, and its end as the last record. */
export function runRecords({ services, open, stdin, leaves }: Followed): Outcome<CommandRecord> {
  const queue = new RecordQueue();
  let code = 0;
  const run = withInterrupts(
    services,
    async (interrupts) => {
      const session = await interrupts.open(open);
      const output = new Records(queue, session);
      const end = await followSession({ services, session, output, stdin: inputOf(services, stdin), interrupts });
      code = rigExitCode(session, end);
      await output.end(session, end);
    },
    leaves,
  );
  return recordsOf(queue, run, () => code);
}

/** The records of a queue, until what fills it is done, and the exit code that is known then. */
export function recordsOf(queue: RecordQueue, run: Promise<void>, code: () => number): Outcome<CommandRecord> {
  run.then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  // One after the other they are the value, for the form that is a record a line.
  return withExitCode(queue as unknown as CommandRecord, code);
}

/** Ends what runs where its output is not wanted any more. */
export async function capturing<T>(interrupts: Interrupts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await interrupts.endAll();
    throw error;
  }
}

/** What a person does who has begun an editor here. */
const drewText = ({ app, network }: Session): string =>
  `what it would have drawn was written out; a program that draws on the terminal runs in a shell: rig shell --app ${app}.${network}`;

/** Where a command's own end is not known. */
const unseenText = (session: Session, end: SessionEnd): string =>
  `nobody saw how ${session.id} ended${end.detail === undefined ? '' : `: ${end.detail}`}`;

const inputOf = (services: Services, stdin: boolean): Readable | undefined => (stdin ? services.stdin() : undefined);
