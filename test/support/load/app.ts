/**
 * The app that is put under load, as a folder to deploy: it answers in every way that an app may, and keeps the id of each
 * POST it has begun in a file that all its instances and releases share.
 */
export function loadedApp(text: string): Record<string, string> {
  return { 'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }), 'server.js': source(text) };
}

const source = (text: string): string => `
const { createHash } = require('node:crypto');
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const http = require('node:http');

const POSTS = process.env.HOME + '/posts';
const PIECE = Buffer.alloc(65536, 'download');

const routes = {
  '/quick': (_req, res) => res.end(${JSON.stringify(text)}),
  '/slow': (_req, res, query) => setTimeout(() => res.end('slow'), Number(query.get('ms'))),
  '/stream': (_req, res, query) => {
    let line = 0;
    const timer = setInterval(() => {
      line += 1;
      res.write('line ' + line + '\\n');
      if (line === Number(query.get('lines'))) res.end('end\\n', () => clearInterval(timer));
    }, 100);
    res.on('close', () => clearInterval(timer));
  },
  '/download': (_req, res, query) => {
    let left = Number(query.get('bytes'));
    res.setHeader('content-length', left);
    const more = () => {
      while (left > 0) {
        const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
        left -= piece.length;
        if (!res.write(piece)) return res.once('drain', more);
      }
      res.end();
    };
    more();
  },
  '/post': (req, res, query) => {
    // At its begin: one that was sent twice stands there twice, whatever became of it.
    appendFileSync(POSTS, query.get('id') + '\\n');
    const hash = createHash('sha256');
    req.on('data', (piece) => hash.update(piece));
    req.on('end', () => res.end(hash.digest('hex')));
  },
  '/posts': (_req, res) => res.end(existsSync(POSTS) ? readFileSync(POSTS) : ''),
};

const server = http.createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url, 'http://app');
  res.setHeader('x-release', process.env.MAX_RELEASE);
  routes[pathname](req, res, searchParams);
});

// A WebSocket that sends each short text back; its first message names the release.
server.on('upgrade', (req, socket) => {
  const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  const send = (opcode, body) => socket.write(Buffer.concat([Buffer.from([0x80 | opcode, body.length]), body]));
  send(1, Buffer.from(process.env.MAX_RELEASE));
  let held = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece) => {
    held = Buffer.concat([held, piece]);
    while (held.length >= 6 && held.length >= 6 + (held[1] & 127)) {
      const size = held[1] & 127;
      const body = held.subarray(6, 6 + size).map((byte, index) => byte ^ held[2 + (index & 3)]);
      const opcode = held[0] & 15;
      held = held.subarray(6 + size);
      if (opcode === 8) {
        send(8, body);
        socket.end();
      } else send(opcode === 9 ? 10 : opcode, body);
    }
  });
});
server.listen(process.env.PORT, '127.0.0.1');
`;
