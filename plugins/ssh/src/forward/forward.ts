import type { AddressInfo, Server, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { isRigError, type RigError, type Services } from '@rig/plugin-api';
import { appPath, type Session, type SessionEnd } from '@rig/plugin-api/max';
import { endedWith, joinSession, openSession, type SessionLink } from '../session/index.ts';
import { carry } from './carry.ts';
import { listenFor } from './listen.ts';
import { leadsToItself } from './loop.ts';
import type { PortPair } from './pairs.ts';
import { Slots } from './slots.ts';

/** What `rig forward` tells. */
export type ForwardRecord = {
  /** `listening`: from now on; `failed`: one connection came to nothing, or broke. */
  event: 'listening' | 'failed';
  /** `127.0.0.1:8080`. */
  local: string;
  /** The port at the app. */
  port: number;
  /** `api.shop`. */
  app: string;
  /** Why it failed, for a person, and its code. */
  error?: { code: string; message: string };
};

/** What is forwarded, and where to. */
export interface ForwardOptions {
  ref: { app: string; network: string };
  instance: string | undefined;
  /** Address of this machine. */
  address: string;
  pairs: readonly PortPair[];
}

/** Connections at once: each is a session, of which Max allows a user so many. */
const MOST_CONNECTIONS = 32;
/** Failures that wait to be read; more are dropped. */
const MOST_UNREAD = 1000;

/** Forwards ports of this machine to those of an app until the command ends; tells where it listens, and what fails. */
export async function* forward(services: Services, options: ForwardOptions): AsyncGenerator<ForwardRecord> {
  const { pairs, address, ref } = options;
  const app = `${ref.app}.${ref.network}`;
  const records = new PassThrough({ objectMode: true });
  const slots = new Slots(MOST_CONNECTIONS);
  const sockets = new Set<Socket>();
  const links = new Set<SessionLink>();
  const servers: Server[] = [];
  // First of all who hear of the end: the connection to Max is still there.
  const close = (): void => {
    for (const link of links) link.signal('SIGHUP');
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    records.end();
  };
  services.signal.addEventListener('abort', close, { once: true });
  services.defer(close);
  for (const pair of pairs) {
    const open = () => begin(services, options, pair.remote);
    const { server, instead } = await listenFor(pair, address, (one) => leadsToItself(services, one, open));
    const where: ForwardRecord = { event: 'listening', local: localOf(server), port: pair.remote, app };
    if (instead !== undefined) services.output.note(`${instead}; rig listens on ${where.local} instead`);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
      connection(services, open, socket, { slots, links }).catch((error: unknown) => {
        socket.destroy();
        if (services.signal.aborted || records.writableLength >= MOST_UNREAD) return;
        records.write({ ...where, event: 'failed', error: told(error) } satisfies ForwardRecord);
      });
    });
    servers.push(server);
    records.write(where);
  }
  yield* records as AsyncIterable<ForwardRecord>;
}

/** Begins a session at a port of the app. */
function begin(services: Services, { ref, instance }: ForwardOptions, port: number): Promise<Session> {
  return openSession(services, appPath(ref), {
    kind: 'forward',
    port,
    ...(instance === undefined ? {} : { instance }),
  });
}

/** One connection: a session of its own, so that each is cut, resumed and ended for itself. */
async function connection(
  services: Services,
  open: () => Promise<Session>,
  socket: Socket,
  { slots, links }: { slots: Slots; links: Set<SessionLink> },
): Promise<void> {
  const free = await slots.take();
  try {
    // Its user may have gone while it waited.
    if (socket.destroyed) return;
    const session = await open();
    const link = await joinSession(services, session.id);
    links.add(link);
    try {
      await carry(socket, link);
      endedWith(session, await link.ended);
    } finally {
      links.delete(link);
    }
  } finally {
    free();
  }
}

function localOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function told(error: unknown): { code: string; message: string } {
  // Which connection it is stands before it, so that the reason says all.
  if (isRigError(error)) return { code: error.code, message: detailOf(error) ?? error.message };
  return { code: 'RIG_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

function detailOf({ code, details }: RigError): string | undefined {
  return code === 'RIG_SESSION_FAILED' ? (details as { end?: SessionEnd } | undefined)?.end?.detail : undefined;
}

/** A record as a line for a person. */
export function forwardLine({ event, local, port, app, error }: ForwardRecord): string {
  if (event === 'listening') return `${local} → port ${port} of ${app}`;
  return `${local}: a connection failed: ${error?.message} (${error?.code})`;
}
