import { once } from 'node:events';
import { WebSocket } from 'ws';

// The yardstick's client, in a terminal of its own as rig is: keys to the WebSocket, frames to the screen.
const socket = new WebSocket(`ws://127.0.0.1:${process.argv[2]}`, { perMessageDeflate: false });
await once(socket, 'open');
process.stdin.setRawMode(true);
process.stdin.on('data', (data) => socket.send(data));
socket.on('message', (data: Buffer) => process.stdout.write(data));
socket.on('close', () => process.exit());
