import { ExitCode, type Http, isRigError, RigError } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';

/** Commands that are listed unless `--limit` says otherwise. */
export const USUAL_LIMIT = 20;
/** How long Max may take to end a command: it asks, and insists after the app's own time for that, 600 s at the most. */
const STOP_MS = 630_000;

/** Commands of an app, of a network or of all, newest first. */
export async function listCommands(
  http: Http,
  { app, network }: { app: string | undefined; network: string | undefined },
  limit: number,
): Promise<Session[]> {
  const all: Session[] = [];
  // The list begins with the oldest.
  for await (const session of http.pages<Session>('/v1/sessions', { query: { kind: 'command', app, network } }))
    all.push(session);
  return all.reverse().slice(0, limit);
}

/** A command by its id. @throws RigError `RIG_SESSION_NOT_FOUND` (3), `RIG_SESSION_ENDED`, `RIG_NO_COMMAND` (5) */
export async function findCommand(http: Http, id: string): Promise<Session> {
  const session = await explained(() => http.get<Session>(pathOf(id)));
  if (session.kind === 'command') return session;
  throw new RigError({
    code: 'RIG_NO_COMMAND',
    message: `${id} is a session of the kind ${session.kind}, and no command`,
    hint: session.kind === 'shell' ? `rig shell --attach ${id}` : 'see which commands there are: rig command list',
    exitCode: ExitCode.Conflict,
  });
}

/** Ends a command, and gives how it ended. */
export async function stopCommand(http: Http, id: string): Promise<Session> {
  return (await explained(() => http.request<Session>('DELETE', pathOf(id), { timeout: STOP_MS }))).data;
}

const pathOf = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;

const HINTS: Readonly<Record<string, string>> = {
  RIG_SESSION_NOT_FOUND: 'see which there are: rig command list',
  RIG_SESSION_ENDED: 'what a command writes is kept with --detach alone; see which there are: rig command list',
};

async function explained<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const hint = isRigError(error) ? HINTS[error.code] : undefined;
    if (!isRigError(error) || hint === undefined) throw error;
    const { code, message, exitCode, requestId } = error;
    const ids = requestId === undefined ? {} : { requestId };
    throw new RigError({ code, message, exitCode, hint, ...ids, cause: error });
  }
}
