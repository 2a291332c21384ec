import type { Socket } from 'node:net';
import type { SessionLink } from '../session/index.ts';

/** Carries bytes between a TCP connection and a session, each direction at the pace of its reader and ended by itself. */
export async function carry(socket: Socket, link: SessionLink): Promise<void> {
  // One that is reset sends nothing more; what the app still says is taken and dropped.
  socket.on('close', () => link.end());
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
    if (socket.write(piece) || socket.destroyed) continue;
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
