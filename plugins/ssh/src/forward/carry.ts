import type { Socket } from 'node:net';
import type { SessionLink } from '../session/index.ts';

/** Carries bytes between a TCP connection and a session, each direction at the pace of its reader and ended by itself. */
export async function carry(socket: Socket, link: SessionLink): Promise<void> {
  // One that is reset ends the session too: nobody is there for what it may still say.
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
      socket.once('drain', resolve);
      socket.once('close', () => resolve());
    });
  }
  if (socket.writable) socket.end();
}
