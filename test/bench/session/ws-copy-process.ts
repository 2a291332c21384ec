import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

// One side of a bare copy over ws. `server FILE`: sends the file to whoever connects. `client`: told where, connects and
// hands on what comes by TCP, at the pace of its reader.
const MESSAGE = 64 * 1024;
const MOST_WAITING = 1024 * 1024;

const [role, file = ''] = process.argv.slice(2);

/** Where the client copies from and to. */
interface Job {
  from: number;
  to: number;
}

function serve(): void {
  const bytes = readFileSync(file);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
    process.send?.((server.address() as { port: number }).port);
  });
  server.on('connection', (socket) => {
    let at = 0;
    const more = (): void => {
      while (at < bytes.length && socket.bufferedAmount < MOST_WAITING) {
        const piece = bytes.subarray(at, at + MESSAGE);
        at += piece.length;
        socket.send(piece, { binary: true }, more);
      }
      if (at >= bytes.length && socket.bufferedAmount === 0) socket.close();
    };
    more();
  });
}

function copy({ from, to }: Job): void {
  const target = connect({ port: to, host: '127.0.0.1', noDelay: true });
  const source = new WebSocket(`ws://127.0.0.1:${from}`, { perMessageDeflate: false });
  source.on('message', (piece: Buffer) => {
    if (!target.write(piece)) source.pause();
  });
  target.on('drain', () => source.resume());
  source.on('close', () => target.end());
}

if (role === 'server') serve();
else {
  process.on('message', (job: Job) => copy(job));
  process.send?.(0);
}
