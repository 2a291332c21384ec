import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AcceptConnection, type Connection, type ServerChannel } from 'ssh2';
import type { SshPlace, SshRecord } from './place.ts';
import { pumpTcp } from './pump-tcp.ts';
import { refuseChannel } from './refuse-channel.ts';
import { SessionChannel } from './session-channel.ts';

/** Channels that one connection may have open, of either kind. */
const MOST_SESSIONS = 32;
/** The library keeps up to 2 MiB for each. */
const MOST_FORWARDS = 64;
/** The longest that a timer takes: Max's sessions, not the library, see whether the other end is there. */
const NEVER_MS = 2 ** 31 - 1;
/** What names the machine that an app runs on. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/**
 * What is spoken: AES in hardware, as the library has the other ciphers in JavaScript alone, and no compression, as
 * the connection below may have its own.
 */
const ALGORITHMS = {
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ] as ssh2.CipherAlgorithm[],
  compress: ['none'] as ssh2.CompressionAlgorithm[],
};

/**
 * Speaks SSH with the client at the other end of a stream, until either ends it; gives why it failed, if it did.
 *
 * The stream was authorised before: there is nothing left to sign in with, so any user name is let in without a word.
 */
export function serveSsh(stream: Duplex, hostKey: string, place: SshPlace): Promise<string | undefined> {
  return new Promise((resolve) => {
    // It was ended before anything was said.
    if (stream.destroyed) return resolve(undefined);
    let failure: string | undefined;
    const server = new ssh2.Server(
      { hostKeys: [hostKey], algorithms: ALGORITHMS, ident: 'Max', keepaliveInterval: NEVER_MS },
      (connection) => {
        connection.on('error', (error: Error) => {
          failure ??= error.message;
        });
        serveConnection(connection, stream, place);
      },
    );
    // Each channel listens for its own.
    stream.setMaxListeners(0);
    // A client that has hung up hears no answer either.
    stream.once('end', () => stream.end());
    stream.once('close', () => resolve(failure));
    // The library asks no more of a socket than of any stream.
    server.injectSocket(stream as Socket);
  });
}

function serveConnection(connection: Connection, stream: Duplex, place: SshPlace): void {
  const channels = new Set<{ close(): void }>();
  const forwards = new Set<Socket>();
  let forwarding = 0;
  const refuse = (reject: () => void, why: string): void => refuseChannel(connection, reject, why);
  connection.on('authentication', (context) => {
    if (context.method === 'none') context.accept();
    else context.reject(['none']);
  });
  connection.on('session', (accept, reject) => {
    if (channels.size >= MOST_SESSIONS) return refuse(reject, `this connection has ${MOST_SESSIONS} sessions already`);
    const session = accept();
    const channel = new SessionChannel(session, place, stream);
    channels.add(channel);
    session.on('close', () => channels.delete(channel));
  });
  connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (!LOOPBACK.test(destIP)) return refuse(reject, `${destIP} is not localhost, which alone is reached from here`);
    if (forwarding >= MOST_FORWARDS) return refuse(reject, `this connection has ${MOST_FORWARDS} ports open already`);
    // One that is still being connected counts, too.
    forwarding += 1;
    void forward(place, destPort, stream, accept, (why) => refuse(reject, why), forwards).finally(() => {
      forwarding -= 1;
    });
  });
  stream.once('close', () => {
    for (const channel of channels) channel.close();
    for (const socket of forwards) socket.destroy();
  });
}

async function forward(
  place: SshPlace,
  port: number,
  stream: Duplex,
  accept: AcceptConnection<ServerChannel>,
  refuse: (why: string) => void,
  forwards: Set<Socket>,
): Promise<void> {
  let record: SshRecord | undefined;
  const ended = { code: null, signal: null } as const;
  try {
    record = place.record(`localhost:${port}`);
    const socket = await place.connect(port);
    if (stream.destroyed) {
      socket.destroy();
      throw new Error('the client is gone');
    }
    forwards.add(socket);
    try {
      await pumpTcp(accept(), socket, stream, record);
    } finally {
      forwards.delete(socket);
    }
    record.end({ reason: 'exited', ...ended });
  } catch (error) {
    const detail = (error as Error).message;
    refuse(detail);
    record?.end({ reason: 'failed', ...ended, detail });
  }
}
