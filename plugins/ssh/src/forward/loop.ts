import type { Server, Socket } from 'node:net';
import type { Services } from '@rig/plugin-api';
import { joinSession } from '../session/index.ts';

/** Milliseconds after Max has connected in which a connection to this machine has long arrived. */
const ARRIVAL_MS = 50;

/**
 * Whether a port that leads to the same number leads to itself: Max runs on this very machine, and nobody else listens
 * there. Each connection would make another one, without end.
 *
 * @param open begins a session at the port, as a connection would
 */
export async function leadsToItself(
  services: Services,
  server: Server,
  open: () => Promise<{ id: string }>,
): Promise<boolean> {
  if (!isLoopback((await services.config()).target().server)) return false;
  let arrived = false;
  const onArrival = (socket: Socket): void => {
    arrived = true;
    socket.destroy();
  };
  server.on('connection', onArrival);
  try {
    const link = await joinSession(services, (await open()).id);
    await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
    link.signal('SIGHUP');
    await link.leave();
    return arrived;
  } finally {
    server.off('connection', onArrival);
  }
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
