import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { type Handlers, type Listening, listen } from '../../../plugins/max/src/server.ts';

let server: Listening | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close(0);
  server = undefined;
});

/** Answers everything with its own name. */
const handlers: Handlers = {
  api: (_incoming, outgoing) => outgoing.end('api'),
  socket: () => false,
  socketUpgrade: () => false,
  router: (_incoming, outgoing) => outgoing.end('router'),
  routerUpgrade: (_incoming: unknown, socket: Duplex) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  routerLeave: () => undefined,
};

async function send(port: number, head: string[]): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return { socket, text: () => text };
}

test('a request that comes before it may be answered waits, and is answered then', async () => {
  server = await listen(0, handlers);
  const early = await send(server.port, ['GET / HTTP/1.1', 'Host: a.b.localhost', 'Connection: close']);
  const other = await send(server.port, ['GET / HTTP/1.1', 'Host: a.b.localhost', 'Connection: Upgrade', 'Upgrade: x']);
  const gone = await send(server.port, ['GET / HTTP/1.1', 'Host: localhost']);
  gone.socket.destroy();
  // Answers to a fourth connection show that the first three were read.
  const probe = await send(server.port, ['nonsense']);
  await once(probe.socket, 'close');
  expect(probe.text()).toMatch(/^HTTP\/1\.1 400/);
  expect([early.text(), other.text()]).toEqual(['', '']);
  server.open();
  await Promise.all([once(early.socket, 'close'), once(other.socket, 'data')]);
  expect(early.text()).toMatch(/router$/);
  expect(other.text()).toMatch(/^HTTP\/1\.1 101/);
});

test('a connection that was upgraded to an app ends with the server, once its client has heard why', async () => {
  let leave = (): void => undefined;
  const routerUpgrade = (_incoming: unknown, socket: Duplex): void => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    leave = () => void socket.end('goodbye');
  };
  server = await listen(0, { ...handlers, routerUpgrade, routerLeave: () => leave() });
  server.open();
  const { socket, text } = await send(server.port, [
    'GET / HTTP/1.1',
    'Host: a.b.localhost',
    'Connection: Upgrade',
    'Upgrade: x',
  ]);
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await server.close(2 ** 31 - 1);
  await closed;
  expect(text()).toMatch(/goodbye$/);
});

test('a port that the system does not give is an error of its own', async () => {
  await expect(listen(65_536, handlers)).rejects.toMatchObject({
    code: 'RIG_PORT_REFUSED',
    message: expect.stringContaining('cannot listen on port 65536'),
    hint: expect.stringContaining('--port'),
  });
});

test('what is left after the time of grace is cut', async () => {
  server = await listen(0, { ...handlers, router: () => undefined });
  server.open();
  const { socket } = await send(server.port, ['GET / HTTP/1.1', 'Host: a.b.localhost']);
  const closed = once(socket, 'close');
  await server.close(10);
  await closed;
});

test.each([
  [
    'a body',
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAE', 'Content-Length: 10'],
    '0123456789',
  ],
  [
    'a chunked body',
    ['Connection: keep-alive, Upgrade', 'Upgrade: websocket', 'Transfer-Encoding: chunked'],
    'a\r\n0123456789\r\n0\r\n\r\n',
  ],
  ['an offer of HTTP/2', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAE'], ''],
])('an upgrade with %s is served as a plain request, and its connection ends', async (_, headers, body) => {
  const router: Handlers['router'] = async (incoming, outgoing) => {
    let text = '';
    for await (const piece of incoming) text += piece;
    const { upgrade, connection, 'http2-settings': settings } = incoming.headers;
    outgoing.end(JSON.stringify({ method: incoming.method, text, upgrade, connection, settings }));
  };
  server = await listen(0, { ...handlers, router });
  server.open();
  const { socket, text } = await send(server.port, ['POST /x HTTP/1.1', 'Host: a.b.localhost', ...headers]);
  // The body in two pieces: what came with the head, and what came later.
  socket.write(body.slice(0, 4));
  setImmediate(() => socket.write(body.slice(4)));
  await once(socket, 'close');
  expect(text()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
  const seen = JSON.parse(text().slice(text().indexOf('{'), text().lastIndexOf('}') + 1));
  expect(seen).toMatchObject({ method: 'POST', text: body === '' ? '' : '0123456789' });
  expect([seen.upgrade, seen.settings, /upgrade|http2/i.test(seen.connection ?? '')]).toEqual([
    undefined,
    undefined,
    false,
  ]);
});
