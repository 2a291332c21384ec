import type { Socket } from 'node:net';
import type { SessionLink } from '../session/index.ts';

/**
 * Carries bytes between a TCP connection and a session, each direction at the pace of its reader and ended by itself.
 *
 * A connection that is reset, or closed before the app has said all, is hung up at the app: nobody is left to read.
 */
export async function carry(socket: Socket, link: SessionLink): Promise<void> {
  const closed = (): void => {
    if (!socket.readableEnded || !socket.writableFinished) link.signal('SIGHUP');
  };
  if (socket.destroyed) closed();
  else socket.once('close', closed);
  await Promise.all([toApp(socket, link), fromApp(socket, link)]);
}

async function toApp(socket: Socket, link: SessionLink): Promise<void> {
  try {
    for await (const piece of socket.iterator({ destroyOnReturn: false })) await link.write(piece as Buffer);
  } catch {
    // Reset: `close` has said so.
  }
  link.end();
}

async function fromApp(socket: Socket, link: SessionLink): Promise<void> {
  for await (const piece of link.stdout) {
    if (socket.destroyed || socket.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        socket.off('drain', goOn);
        socket.off('close', goOn);
        resolve();
      };
      socket.on('drain', goOn);
      socket.on('close', goOn);
    });
  }
  if (socket.writable) socket.end();
}
