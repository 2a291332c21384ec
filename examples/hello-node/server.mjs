// @ts-check
// A web server without dependencies or a build: plain JavaScript, as every Node runs it.
import { createServer } from 'node:http';

// Max says on which port it expects the app.
const port = Number(process.env.PORT ?? 3000);
let requests = 0;

const server = createServer((request, response) => {
  requests += 1;
  console.log(`${request.method} ${request.url}`);
  if (request.url === '/health') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    return;
  }
  const host = request.headers['x-forwarded-host'] ?? request.headers.host;
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`Hello from ${host}! This is request ${requests}.\n`);
});

server.listen(port, () => console.log(`listening on port ${port}`));

// Max asks an app to end with SIGTERM: requests under way are answered first.
process.once('SIGTERM', () => {
  console.log('ending');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
