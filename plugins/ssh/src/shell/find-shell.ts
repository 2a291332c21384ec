import type { Http } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { manyShells, noShell, notAShell } from './errors.ts';

/** Where a shell runs: in an app, or in the control plane of a network. */
export interface ShellPlace {
  network: string;
  /** `undefined` for the network itself. */
  app: string | undefined;
}

/** `api.shop`, or `the network shop`. */
export function placeName({ network, app }: ShellPlace): string {
  return app === undefined ? `the network ${network}` : `${app}.${network}`;
}

/** Finds a shell by its id. @throws RigError `RIG_SESSION_NOT_FOUND`, `RIG_SESSION_NO_SHELL` */
export async function shellById(http: Http, id: string): Promise<Session> {
  const session = await http.get<Session>(`/v1/sessions/${encodeURIComponent(id)}`);
  if (session.kind !== 'shell') throw notAShell(session);
  return session;
}

/**
 * Finds the one shell that somebody can come back to: the only one that runs there, or the only one that nobody is attached
 * to.
 *
 * @throws RigError `RIG_SESSION_NOT_FOUND`, `RIG_SESSION_AMBIGUOUS`
 */
export async function onlyShell(http: Http, place: ShellPlace, instance?: string): Promise<Session> {
  const running: Session[] = [];
  for await (const session of http.pages<Session>('/v1/sessions')) {
    const isThere =
      session.network === place.network &&
      session.app === (place.app ?? null) &&
      (instance === undefined || session.instance === instance);
    if (session.kind === 'shell' && session.state === 'running' && isThere) running.push(session);
  }
  const left = running.filter(({ attached }) => !attached);
  const [only] = running.length === 1 ? running : left;
  if (only !== undefined && (running.length === 1 || left.length === 1)) return only;
  const where = instance === undefined ? placeName(place) : `${placeName(place)}, instance ${instance}`;
  throw running.length === 0 ? noShell(where) : manyShells(where, running);
}
