import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { spawn } from '@lydell/node-pty';
import { WebSocketServer } from 'ws';

// The yardstick's server: a terminal behind a bare WebSocket, nothing kept, nothing counted. Prints its port.
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
await once(server, 'listening');
server.on('connection', (socket) => {
  const [, , program = '', ...args] = process.argv;
  const pty = spawn(program, args, { name: 'xterm', cols: 80, rows: 24, encoding: null });
  pty.onData((data) => socket.send(data));
  pty.onExit(() => socket.close());
  socket.on('message', (data) => pty.write(data as Buffer as unknown as string));
  socket.on('close', () => pty.kill());
});
process.send?.((server.address() as AddressInfo).port);
