import { type AddressInfo, createServer, type Server } from 'node:net';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { PortPair } from './pairs.ts';

/** What is read of a connection at once: a few large messages cost less than many. */
const READ_BYTES = 256 * 1024;

/** A server that listens. */
export interface ListeningServer {
  server: Server;
  /** Why it is not on the port that was meant, for a person. */
  instead?: string;
}

/**
 * Listens on the local port of a pair; where none was named and the remote one's number is taken, or would lead to itself,
 * on any that is free.
 *
 * @param isLoop tells whether a port that leads to the same number leads to itself
 * @throws RigError `RIG_PORT_TAKEN` (5), `RIG_PORT_REFUSED`, `RIG_BAD_ADDRESS`, `RIG_BAD_PORT` (2)
 */
export async function listenFor(
  { local, remote }: PortPair,
  address: string,
  isLoop: (server: Server) => Promise<boolean>,
): Promise<ListeningServer> {
  // Each side ends its half of a connection by itself.
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, highWaterMark: READ_BYTES };
  const server = createServer(options);
  let instead: string | undefined;
  try {
    await listening(server, local ?? remote, address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTaken = code === 'EADDRINUSE' || code === 'EACCES';
    if (!isTaken) throw badAddress(address, error);
    const failure = taken(local ?? remote, remote, address, error);
    if (local !== undefined) throw failure;
    instead = failure.message;
    await listening(server, 0, address);
  }
  try {
    if ((server.address() as AddressInfo).port !== remote || !(await isLoop(server)))
      return { server, ...(instead === undefined ? {} : { instead }) };
  } catch (error) {
    server.close();
    throw error;
  }
  server.close();
  const failure = toItself(remote);
  if (local !== undefined) throw failure;
  const other = createServer(options);
  await listening(other, 0, address);
  return { server: other, instead: failure.message };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function taken(local: number, remote: number, address: string, error: unknown): RigError {
  const hint = `take any that is free: 0:${remote}`;
  if ((error as NodeJS.ErrnoException).code === 'EACCES')
    return new RigError({
      code: 'RIG_PORT_REFUSED',
      message: `the system does not let you listen on port ${local} of ${address}`,
      hint,
      cause: error,
    });
  return new RigError({
    code: 'RIG_PORT_TAKEN',
    message: `port ${local} of ${address} is taken by another program`,
    hint,
    exitCode: ExitCode.Conflict,
    cause: error,
  });
}

function toItself(port: number): RigError {
  return new RigError({
    code: 'RIG_BAD_PORT',
    message: `port ${port} would lead to itself: Max runs on this machine, and nothing listens on port ${port} yet`,
    hint: `take another of this machine, or any: 0:${port}`,
    exitCode: ExitCode.Usage,
  });
}

function badAddress(address: string, error: unknown): RigError {
  return new RigError({
    code: 'RIG_BAD_ADDRESS',
    message: `${JSON.stringify(address)} is no address of this machine: ${(error as Error).message}`,
    hint: 'leave out --address for this machine alone, 127.0.0.1; 0.0.0.0 lets every machine of your network in',
    exitCode: ExitCode.Usage,
    cause: error,
  });
}
