import { ExitCode, RigError } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { attachCommand, sessionName } from '../session/index.ts';

/** Its user has given up a shell to which there is no connection. */
export function shellLeft(session: Session): RigError {
  return new RigError({
    code: 'RIG_SESSION_LOST',
    message: `${sessionName(session)} was given up, for there is no connection to Max`,
    hint: `where Max still runs it goes on for a minute; come back with: ${attachCommand(session)}`,
    exitCode: ExitCode.Unreachable,
    details: { session: session.id },
  });
}

/** Its user has ended a shell that takes its time. */
export function shellEnding(session: Session): RigError {
  return new RigError({
    code: 'RIG_SESSION_STOPPED',
    message: `${sessionName(session)} has not ended yet: Max ends it by force within a minute`,
    hint: 'begin another',
    exitCode: ExitCode.Interrupted,
    details: { session: session.id },
  });
}

/** A shell needs a person at a terminal. */
export function noTerminal(what: 'input' | 'output'): RigError {
  return new RigError({
    code: 'RIG_NO_TERMINAL',
    message: `a shell needs a terminal, and standard ${what} is none`,
    hint: 'run it in a terminal; a program without one: rig command --app NAME -- PROGRAM',
    exitCode: ExitCode.Usage,
  });
}

/** There is no shell to come back to. */
export function noShell(where: string): RigError {
  return new RigError({
    code: 'RIG_SESSION_NOT_FOUND',
    message: `no shell of yours runs in ${where}`,
    hint: 'begin one: the same command without --attach',
    exitCode: ExitCode.NotFound,
  });
}

/** There is more than one shell to come back to. */
export function manyShells(where: string, sessions: readonly Session[]): RigError {
  return new RigError({
    code: 'RIG_SESSION_AMBIGUOUS',
    message: `${sessions.length} shells run in ${where}`,
    hint: 'say which one: rig shell --attach ID',
    lines: sessions.map(
      ({ id, instance, startedAt, attached, user }) =>
        `${id}  ${instance ?? 'control plane'}  of ${user}, since ${startedAt}, ${attached ? 'attached' : 'nobody is attached'}`,
    ),
    exitCode: ExitCode.Usage,
    details: { sessions: sessions.map(({ id }) => id) },
  });
}

/** What was named is no shell that can be joined. */
export function notAShell(session: Session): RigError {
  const isCommand = session.kind === 'command';
  return new RigError({
    code: 'RIG_SESSION_NO_SHELL',
    message: `${session.id} is ${sessionName(session)}, and no shell`,
    hint: isCommand ? `attach to it with: ${attachCommand(session)}` : 'begin a shell: rig shell --app NAME',
    exitCode: ExitCode.Usage,
    details: { session: session.id },
  });
}
