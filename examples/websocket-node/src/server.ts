import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { page } from './page.js';

// Max says on which port it expects the app.
const port = Number(process.env.PORT ?? 3000);

const server = createServer((request, response) => {
  if (request.url === '/health') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
});

// Whatever one visitor says, all of them hear.
const sockets = new WebSocketServer({ server, maxPayload: 64 * 1024 });
let visitors = 0;

sockets.on('connection', (socket) => {
  visitors += 1;
  const name = `visitor ${visitors}`;
  console.log(`${name} is here`);
  socket.on('error', (error) => console.error(`${name}: ${error.message}`));
  socket.on('close', () => console.log(`${name} left`));
  socket.on('message', (data) => {
    for (const other of sockets.clients) if (other.readyState === WebSocket.OPEN) other.send(`${name}: ${data}`);
  });
});

server.listen(port, () => console.log(`listening on port ${port}`));

// Max asks an app to end with SIGTERM: the visitors are told, so that they come back to the next release.
process.once('SIGTERM', () => {
  console.log('ending');
  for (const socket of sockets.clients) socket.close(1012, 'a new release takes over');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
