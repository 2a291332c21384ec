import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ExitCode, RigError } from '@rig/plugin-api';
import { addressee } from './http/host-name.ts';
import { PlainRequests } from './http/plain-requests.ts';
import { ownerOfPort } from './port-owner.ts';

/** Who serves what comes in, by its Host. */
export interface Handlers {
  api(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** `false` where the path is no socket's. */
  socket(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
  socketUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  router(incoming: IncomingMessage, outgoing: ServerResponse): void;
  routerUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the connections that were upgraded to apps, now or once their clients have heard why. */
  routerLeave(): void;
}

/** A server that listens. */
export interface Listening {
  port: number;
  /** Begins to answer: what came before has waited, as before its time every answer would be wrong. */
  open(): void;
  /** Takes no more connections, lets answers and farewells end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Connections that may wait while Max is busy, or kept from the processor: the system resets those beyond. */
const BACKLOG = 4_096;
/** How long clients are told that an idle connection is kept. */
const KEEP_ALIVE_MS = 65_000;
/** How much longer it is: a client that uses it in the last moment must not find it closed. */
const LINGER_MS = 5_000;

/** Max answers to nobody outside of this machine. */
const ADDRESS = '127.0.0.1';

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Keeps a connection that has just become idle for longer than its client was told. */
function lingerIdle(socket: Socket): void {
  // Not where the next request is being answered already.
  if (socket.timeout === KEEP_ALIVE_MS) socket.setTimeout(KEEP_ALIVE_MS + LINGER_MS);
}

/** Keeps what comes in waiting until the gate is opened. */
class Gate {
  #waiting: Array<() => void> | undefined = [];

  pass(task: () => void): void {
    if (this.#waiting === undefined) task();
    else this.#waiting.push(task);
  }

  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const task of waiting) task();
  }
}

function dispatch(incoming: IncomingMessage, outgoing: ServerResponse, handlers: Handlers): void {
  const to = addressee(incoming.headers.host);
  if (to === 'router') handlers.router(incoming, outgoing);
  else if (to !== 'api' || !handlers.socket(incoming, outgoing)) handlers.api(incoming, outgoing);
}

function dispatchUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, handlers: Handlers): void {
  const to = addressee(incoming.headers.host);
  if (to === 'router') handlers.routerUpgrade(incoming, socket, head);
  else if (to === 'stranger') refuseUpgrade(socket, 421);
  else if (!handlers.socketUpgrade(incoming, socket, head)) refuseUpgrade(socket, 404);
}

async function portTaken(port: number): Promise<RigError> {
  const owner = await ownerOfPort(port);
  return new RigError({
    code: 'RIG_PORT_TAKEN',
    message: `Max cannot listen on port ${port} of ${ADDRESS}: ${owner === undefined ? 'another program' : `${owner.name} (process ${owner.pid})`} listens there`,
    hint: `end that program, or choose another port: --port 0 takes any that is free`,
    exitCode: ExitCode.Conflict,
    details: { port, ...(owner === undefined ? {} : { pid: owner.pid }) },
  });
}

/**
 * Listens on a port of the loopback address; nothing is answered before `open`.
 *
 * @param port 0 for any that is free
 * @throws RigError `RIG_PORT_TAKEN` (5), `RIG_PORT_REFUSED`
 */
export async function listen(port: number, handlers: Handlers): Promise<Listening> {
  const gate = new Gate();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 60_000 });
  // Node forgets a connection that was upgraded, and waits for it all the same when the server closes.
  const all = new Set<Duplex>();
  server.on('connection', (socket: Socket) => remember(all, socket));
  server.on('request', (incoming, outgoing) => {
    outgoing.once('finish', () => lingerIdle(incoming.socket));
    gate.pass(() => dispatch(incoming, outgoing, handlers));
  });
  const plain = new PlainRequests((incoming, outgoing) => dispatch(incoming, outgoing, handlers));
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (PlainRequests.wants(incoming)) return gate.pass(() => plain.serve(incoming, socket, head));
    gate.pass(() => dispatchUpgrade(incoming, socket, head, handlers));
  });
  await bind(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    open: () => gate.open(),
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      handlers.routerLeave();
      const timer = setTimeout(() => {
        for (const socket of all) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function remember(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

async function bind(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: ADDRESS, backlog: BACKLOG }, resolve);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw await portTaken(port);
    throw new RigError({
      code: 'RIG_PORT_REFUSED',
      message: `Max cannot listen on port ${port} of ${ADDRESS}: ${code === 'EACCES' ? 'the system does not allow it to this user' : message}`,
      hint: 'choose a port of 1024 or more with --port',
      cause: error,
    });
  }
}
