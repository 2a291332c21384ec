import type { Services } from '@rig/plugin-api';
import type { CreateSession, Session } from '@rig/plugin-api/max';

/** Begins a session at an app or a network, which then waits a minute to be joined; `path` is the app's or the network's. */
export async function openSession(
  services: Pick<Services, 'http'>,
  path: string,
  session: CreateSession,
): Promise<Session> {
  const http = await services.http();
  // With a key a request whose answer was lost does not begin a second one.
  return http.post<Session>(`${path}/sessions`, { json: session, idempotencyKey: true });
}
