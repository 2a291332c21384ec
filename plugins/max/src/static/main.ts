import { createFileServer } from './file-server.ts';

// A program of its own: `node static.js FOLDER`, with PORT in the environment.
const folder = process.argv[2];
const port = Number(process.env.PORT);
if (folder === undefined || !Number.isInteger(port)) {
  process.stderr.write('usage: PORT=… static FOLDER\n');
  process.exit(2);
}

const server = createFileServer(folder);
server.on('error', (error) => {
  process.stderr.write(`the file server cannot listen on port ${port}: ${error.message}\n`);
  process.exit(1);
});
server.listen(port, '127.0.0.1');
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
