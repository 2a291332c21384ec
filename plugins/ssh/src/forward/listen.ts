import { createServer, type Server, type Socket } from 'node:net';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { PortPair } from './pairs.ts';

/**
 * Listens on the local port of a pair; where none was named and the remote one's number is taken, on any that is free.
 *
 * @throws RigError `RIG_PORT_TAKEN` (5), `RIG_BAD_ADDRESS` (2)
 */
export async function listenFor(
  { local, remote }: PortPair,
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  // Each side ends its half of a connection by itself.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, onConnection);
  try {
    await listening(server, local ?? remote, address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTaken = code === 'EADDRINUSE' || code === 'EACCES';
    if (!isTaken) throw badAddress(address, error);
    if (local !== undefined) throw taken(local, remote, address, error);
    await listening(server, 0, address);
  }
  return server;
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
  const isDenied = (error as NodeJS.ErrnoException).code === 'EACCES';
  return new RigError({
    code: 'RIG_PORT_TAKEN',
    message: isDenied
      ? `you may not listen on port ${local} of ${address}: those below 1024 are the system's`
      : `port ${local} of ${address} is taken by another program`,
    hint: `take any that is free: 0:${remote}`,
    exitCode: ExitCode.Conflict,
    cause: error,
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
