import { createReadStream } from 'node:fs';
import { type WebSocket, WebSocketServer } from 'ws';

// The other end of a copy over a bare connection: sends back what comes, or sends a file.
const [file = ''] = process.argv.slice(2);
const FRAME = 64 * 1024;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket, request) => {
  if (request.url === '/file') void sendFile(socket);
  else echo(socket);
});
server.on('listening', () => process.send?.((server.address() as { port: number }).port));

function echo(socket: WebSocket): void {
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return socket.close();
    socket.send(data, () => {
      if (socket.isPaused && socket.bufferedAmount < FRAME * 8) socket.resume();
    });
    if (socket.bufferedAmount >= FRAME * 16) socket.pause();
  });
}

async function sendFile(socket: WebSocket): Promise<void> {
  for await (const bytes of createReadStream(file, { highWaterMark: FRAME }))
    await new Promise((resolve) => socket.send(bytes as Buffer, resolve));
  socket.close();
}
