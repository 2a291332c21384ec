import { ExitCode, RigError } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';

/** What a session is called in a sentence. */
export function sessionName(session: Pick<Session, 'kind' | 'app' | 'network'>): string {
  const what = { shell: 'shell', command: 'command', ssh: 'SSH connection', forward: 'connection' }[session.kind];
  return `the ${what} in ${session.app === null ? `the network ${session.network}` : `${session.app}.${session.network}`}`;
}

/** The command that comes back to a session; `undefined` where none does. */
export function attachCommand(session: Pick<Session, 'kind' | 'id'>): string | undefined {
  if (session.kind === 'shell') return `rig shell --attach ${session.id}`;
  if (session.kind === 'command') return `rig command attach ${session.id}`;
  return undefined;
}

/** There was no connection for so long that it is given up. */
export function sessionLost(session: Session, reason: string): RigError {
  const attach = attachCommand(session);
  return new RigError({
    code: 'RIG_SESSION_LOST',
    message: `${sessionName(session)} is lost: the connection to Max did not come back in time (${reason})`,
    hint:
      attach === undefined
        ? 'see whether Max runs: rig max status'
        : `see whether Max runs: rig max status; if the session still runs, come back with: ${attach}`,
    exitCode: ExitCode.Unreachable,
    details: { session: session.id },
  });
}

/** Max does not know it any more, or has closed it, without a word of how it ended. */
export function sessionGone(session: Session, cause?: RigError): RigError {
  const why =
    cause?.exitCode === ExitCode.Conflict
      ? `${cause.message}, and Max does not know how; it has probably been started again`
      : 'Max has no such session any more; it has probably been started again';
  return new RigError({
    code: 'RIG_SESSION_LOST',
    message: `${sessionName(session)} is lost: ${why}`,
    hint: 'begin another; what Max did is in: rig max logs',
    exitCode: ExitCode.Unreachable,
    details: { session: session.id },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Somebody else has joined it, or has written to it meanwhile. */
export function sessionTaken(session: Session): RigError {
  const attach = attachCommand(session);
  return new RigError({
    code: 'RIG_SESSION_TAKEN',
    message: `${sessionName(session)} goes on elsewhere: another client has attached to it`,
    ...(attach === undefined ? {} : { hint: `take it back with: ${attach}` }),
    exitCode: ExitCode.Conflict,
    details: { session: session.id },
  });
}
