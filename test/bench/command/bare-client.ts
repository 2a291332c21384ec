import { WebSocket } from 'ws';

// Standard input to a bare connection, and what comes of it to standard output.
const [url = ''] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('message', (data: Buffer) => {
  if (process.stdout.write(data)) return;
  socket.pause();
  process.stdout.once('drain', () => socket.resume());
});
socket.on('open', async () => {
  if (url.endsWith('/file')) return;
  for await (const bytes of process.stdin) await new Promise((resolve) => socket.send(bytes as Buffer, resolve));
  socket.send('end');
});
