import type { Readable } from 'node:stream';
import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';
import { type Interrupts, joinSession, type LinkState, type SessionLink, type StreamHole } from '../session/index.ts';

/** Where a command's output goes; each call is awaited, so that a slow reader slows the program. */
export interface CommandOutput {
  stdout(bytes: Buffer): Promise<void> | void;
  stderr(bytes: Buffer): Promise<void> | void;
  /** Output that Max no longer has. */
  hole?(hole: StreamHole): void;
  /** The connection is lost, or is back. */
  state?(state: LinkState): void;
}

/** What following a command takes. */
export interface FollowSession {
  services: Pick<Services, 'http' | 'socket' | 'signal'>;
  session: Session;
  output: CommandOutput;
  /** What is sent to it; nothing, and its end at once, without one. */
  stdin: Readable | undefined;
  interrupts: Interrupts;
}

/** Joins a command and passes its streams on until it has ended, over any number of cuts. */
export async function followSession(options: FollowSession): Promise<SessionEnd> {
  const { services, session, output, stdin, interrupts } = options;
  const link = await joinSession(services, session.id);
  const remove = interrupts.add(link, session);
  const { from } = link.joined;
  for (const stream of ['stdout', 'stderr'] as const)
    if (from[stream] > 0) output.hole?.({ stream, from: 0, to: from[stream] });
  link.onHole((hole) => output.hole?.(hole));
  link.onState((state) => output.state?.(state));
  try {
    // Of a command that another client has fed it may have had half: an end here would pass that for all.
    const isOthers = interrupts.leaves && !session.detached;
    const input = stdin !== undefined ? send(stdin, link) : isOthers ? undefined : link.end();
    const failed = Promise.resolve(input).then(() => new Promise<never>(() => {}));
    const all = Promise.all([
      pump(link.stdout, (bytes) => output.stdout(bytes)),
      pump(link.stderr, (bytes) => output.stderr(bytes)),
      link.ended,
    ]);
    const [, , end] = await Promise.race([all, failed]);
    return interrupts.isGivenUp ? await interrupts.given : end;
  } catch (error) {
    // Half of the input must not pass for all of it; and what is not read any more need not go on.
    if (isUnreadable(error) || isTooLarge(error)) await interrupts.endAll();
    await link.leave();
    throw error;
  } finally {
    remove();
  }
}

async function pump(stream: AsyncIterable<Buffer>, write: (bytes: Buffer) => Promise<void> | void): Promise<void> {
  for await (const bytes of stream) await write(bytes);
}

async function send(stdin: Readable, link: SessionLink): Promise<void> {
  try {
    for await (const bytes of stdin) {
      await link.write(bytes as Buffer);
      if (!link.isWritable) return;
    }
  } catch (cause) {
    throw unreadable(cause);
  }
  link.end();
}

const UNREADABLE = 'RIG_STDIN_FAILED';

const isUnreadable = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === UNREADABLE;

const isTooLarge = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'RIG_OUTPUT_TOO_LARGE';

function unreadable(cause: unknown): RigError {
  return new RigError({
    code: UNREADABLE,
    message: `standard input cannot be read: ${cause instanceof Error ? cause.message : String(cause)}; the command was ended`,
    hint: 'check where it comes from, or leave it out: --no-stdin',
    exitCode: ExitCode.Failed,
    cause,
  });
}
