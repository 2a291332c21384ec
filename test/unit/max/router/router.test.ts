import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Route, Router } from '../../../../plugins/max/src/router/router.ts';
import { Target } from '../../../../plugins/max/src/router/target.ts';
import { get } from '../runtime/kit.ts';

let routes: Map<string, Route>;
let router: Router;
let server: Server;
let port: number;
const closing: Array<() => void> = [];

beforeEach(async () => {
  routes = new Map();
  router = new Router({ routeOf: ({ app, network }) => routes.get(`${app}.${network}`) });
  server = createServer((req, res) => void router.handleRequest(req, res));
  server.on('upgrade', (req, socket, head) => void router.handleUpgrade(req, socket, head));
  port = await listen(server);
});
afterEach(async () => {
  for (const { targets } of routes.values()) await Promise.all(targets.map((target) => target.destroy()));
  for (const close of closing.splice(0)) close();
  server.closeAllConnections();
  server.close();
});

async function listen(of: Server | TcpServer): Promise<number> {
  of.listen(0, '127.0.0.1');
  await once(of, 'listening');
  return (of.address() as AddressInfo).port;
}

/** An instance that answers with `handler`, reached as `web.net`. */
async function instance(handler?: RequestListener): Promise<{ server: Server; target: Target }> {
  const upstream = createServer(handler);
  const target = new Target('web.1', '127.0.0.1', await listen(upstream));
  closing.push(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const before = routes.get('web.net')?.targets ?? [];
  routes.set('web.net', { deployed: true, targets: [...before, target] });
  return { server: upstream, target };
}

const ask = (path = '/', headers: Record<string, string> = {}) => get(port, 'web.net.localhost', path, headers);

test('method, path, query, headers and body pass on; hop-by-hop headers do not', async () => {
  await instance((req, res) => {
    let body = '';
    req.on('data', (chunk) => {
      body += chunk;
    });
    req.on('end', () => {
      res.writeHead(
        201,
        'Made',
        [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['connection', 'x-private'],
          ['x-private', 'secret'],
          ['x-seen', JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body })],
        ].flat(),
      );
      res.end(Buffer.from('done'));
    });
  });
  const req = request({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    path: '/a/../b%20c?x=1&x=2',
    headers: {
      host: `WEB.net.localhost:${port}`,
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      te: 'trailers',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-own': 'Ü',
    },
  });
  req.end(Buffer.from('body'));
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(201);
  expect(answer.statusMessage).toBe('Made');
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(answer.headers['x-private']).toBeUndefined();
  const seen = JSON.parse(answer.headers['x-seen'] as string);
  expect(seen).toMatchObject({ method: 'PUT', url: '/a/../b%20c?x=1&x=2', body: 'body' });
  expect(seen.headers).toMatchObject({
    host: `WEB.net.localhost:${port}`,
    'x-forwarded-for': '1.2.3.4, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': `WEB.net.localhost:${port}`,
    'x-own': 'Ü',
  });
  expect(seen.headers['x-hop'] ?? seen.headers.te).toBeUndefined();
  expect(seen.headers['x-request-id']).toMatch(/^req_[a-z2-9]{24}$/);
});

test('bodies stream both ways, before either is whole', async () => {
  await instance((req, res) => {
    res.writeHead(200);
    res.write('hello ');
    req.on('data', (chunk: Buffer) => res.write(chunk.toString().toUpperCase()));
    req.on('end', () => res.end());
  });
  const req = request({ host: '127.0.0.1', port, method: 'POST', headers: { host: 'web.net.localhost' } });
  req.write('first ');
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  let text = '';
  while (!text.includes('FIRST')) text += (await once(answer, 'data'))[0];
  req.end('second');
  for await (const chunk of answer) text += chunk;
  expect(text).toBe('hello FIRST SECOND');
});

test('headers go out before the first byte of the body', async () => {
  await instance((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
  });
  const req = request({ host: '127.0.0.1', port, headers: { host: 'web.net.localhost' } });
  req.end();
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  expect(answer.headers['content-type']).toBe('text/event-stream');
  req.destroy();
});

test('a client that goes away ends the request at the instance', async () => {
  let aborted: Promise<unknown> | undefined;
  const { target } = await instance((_req, res) => {
    aborted = once(res, 'close');
    res.write('x');
  });
  const req = request({ host: '127.0.0.1', port, headers: { host: 'web.net.localhost' } });
  req.on('error', () => {});
  req.end();
  await once(req, 'response');
  expect(target.active).toBe(1);
  req.destroy();
  await aborted;
  await target.drained(10_000, new AbortController().signal);
  expect(target.active).toBe(0);
});

test('a slow client holds the instance back instead of filling memory', async () => {
  let written = 0;
  const piece = Buffer.alloc(1 << 20);
  await instance((_req, res) => {
    const more = (): void => {
      while (written < 200) {
        written += 1;
        if (!res.write(piece)) return void res.once('drain', more);
      }
      res.end();
    };
    more();
  });
  const req = request({ host: '127.0.0.1', port, headers: { host: 'web.net.localhost' } });
  req.end();
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  answer.pause();
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(written).toBeLessThan(100);
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  expect(bytes).toBe(200 << 20);
});

test('a WebSocket passes both ways and counts as under way until it closes', async () => {
  const { server: upstream, target } = await instance();
  const sockets = new WebSocketServer({ server: upstream });
  sockets.on('connection', (socket, req) => {
    socket.send(`hello ${req.headers['x-forwarded-host']}`);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}/chat`, { headers: { host: 'web.net.localhost' } });
  expect(String((await once(client, 'message'))[0])).toBe('hello web.net.localhost');
  const big = Buffer.alloc(300_000, 7);
  client.send(big);
  expect((await once(client, 'message'))[0]).toEqual(big);
  expect(target.active).toBe(1);
  client.close(1000);
  await once(client, 'close');
  await target.drained(10_000, new AbortController().signal);
  expect(target.active).toBe(0);
});

test('an upgrade that the instance refuses is refused with its answer', async () => {
  await instance((_req, res) => res.writeHead(401, { 'x-why': 'token' }).end('no'));
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'web.net.localhost' } });
  const [, answer] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['x-why']).toBe('token');
});

test('an upgrade to an app without instances is answered with 503', async () => {
  routes.set('web.net', { deployed: true, targets: [] });
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'web.net.localhost' } });
  const [, answer] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(answer.statusCode).toBe(503);
});

test('unknown apps, apps without a release, and apps without an instance have pages of their own', async () => {
  const unknown = await get(port, 'nope.net.localhost', '/', { accept: 'application/json' });
  expect(unknown.status).toBe(404);
  expect(JSON.parse(unknown.text)).toMatchObject({ code: 'RIG_APP_NOT_FOUND', status: 404 });
  expect((await get(port, 'a.b.c.localhost', '/')).status).toBe(404);
  routes.set('web.net', { deployed: false, targets: [] });
  const empty = await ask();
  expect(empty).toMatchObject({
    status: 503,
    headers: { 'retry-after': '10', 'content-type': 'text/plain; charset=utf-8' },
  });
  expect(empty.text).toContain('rig deploy --app web.net');
  expect(empty.text).toContain('RIG_APP_NOT_DEPLOYED');
  routes.set('web.net', { deployed: true, targets: [] });
  expect((await ask()).text).toContain('RIG_APP_UNAVAILABLE');
});

test('an instance that breaks off before it answers gives 502, amid the answer a cut connection', async () => {
  await instance((req, res) => {
    if (req.url === '/amid') {
      res.writeHead(200, { 'content-length': '100' });
      res.write('part', () => req.socket.destroy());
    } else req.socket.destroy();
  });
  const answer = await ask('/', { accept: 'application/problem+json' });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.text)).toMatchObject({ code: 'RIG_BAD_GATEWAY' });
  await expect(ask('/amid')).rejects.toThrow(/aborted/);
});

test('an instance that begins no answer in time gives 504', async () => {
  const silent = createServer(() => undefined);
  const target = new Target('web.1', '127.0.0.1', await listen(silent), { headersTimeoutMs: 50 });
  closing.push(() => {
    silent.closeAllConnections();
    silent.close();
  });
  routes.set('web.net', { deployed: true, targets: [target] });
  const answer = await ask('/', { accept: 'application/json' });
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.text)).toMatchObject({ code: 'RIG_GATEWAY_TIMEOUT' });
});

test('an instance that refuses connections is passed over for another, whatever the method', async () => {
  const gone = await instance();
  gone.server.close();
  await once(gone.server, 'close');
  await instance((req, res) => {
    req.resume().on('end', () => res.end('second'));
  });
  for (let count = 0; count < 6; count += 1) {
    const req = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      agent: false,
      headers: { host: 'web.net.localhost' },
    });
    req.end('x'.repeat(10_000));
    const [answer] = (await once(req, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
  }
});

test('requests are shared by the instances, the busy one getting less', async () => {
  const counts = [0, 0];
  let hold: (() => void) | undefined;
  const handler =
    (index: number): RequestListener =>
    (req, res) => {
      counts[index]! += 1;
      if (req.url === '/hold') hold = () => res.end();
      else res.end();
    };
  await instance(handler(0));
  await instance(handler(1));
  for (let count = 0; count < 10; count += 1) await ask();
  expect(counts).toEqual([5, 5]);
  const held = ask('/hold');
  while (hold === undefined) await new Promise((resolve) => setImmediate(resolve));
  const busy = counts[0] === 6 ? 0 : 1;
  for (let count = 0; count < 10; count += 1) await ask();
  expect(counts[busy]).toBe(6);
  hold();
  await held;
});

test('an instance that closes idle connections loses no request of a client', async () => {
  // Answers one request, says keep-alive, and closes: the next request on that connection fails.
  let answered = 0;
  const rude = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      answered += 1;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok');
      socket.once('data', () => socket.destroy());
    });
  });
  const target = new Target('web.1', '127.0.0.1', await listen(rude));
  closing.push(() => rude.close());
  routes.set('web.net', { deployed: true, targets: [target] });
  for (let count = 0; count < 5; count += 1) expect((await ask()).text).toBe('ok');
  expect(answered).toBe(5);
});

test('a request with a malformed target is refused', async () => {
  await instance((_req, res) => res.end('no'));
  const socket = connect(port, '127.0.0.1');
  socket.end('OPTIONS * HTTP/1.1\r\nhost: web.net.localhost\r\nconnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
});

/** Sends a head as it stands, and gives all that comes back until the connection ends. */
async function sendHead(...lines: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  let text = '';
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece;
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

test.each([
  ['more than one Host', ['GET / HTTP/1.1', 'Host: web.net.localhost', 'Host: other.net.localhost']],
  ['two lengths', ['POST / HTTP/1.1', 'Host: web.net.localhost', 'Content-Length: 1', 'Content-Length: 2']],
  [
    'a length and chunks',
    ['POST / HTTP/1.1', 'Host: web.net.localhost', 'Content-Length: 4', 'Transfer-Encoding: chunked'],
  ],
  [
    'an upgrade with a body',
    ['POST / HTTP/1.1', 'Host: web.net.localhost', 'Connection: upgrade', 'Upgrade: h2c', 'Content-Length: 9'],
  ],
  ['a space before the colon', ['GET / HTTP/1.1', 'Host: web.net.localhost', 'Content-Length : 4']],
])('a request with %s is refused, and reaches no app', async (_, head) => {
  let asked = 0;
  const { server: upstream } = await instance((_req, res) => {
    asked += 1;
    res.end();
  });
  upstream.on('upgrade', (_req, socket) => {
    asked += 1;
    socket.end();
  });
  expect(await sendHead(...head, 'Connection: close')).toMatch(/^HTTP\/1\.1 400 /);
  expect(asked).toBe(0);
});

test('headers beyond 16 KiB are refused with 431', async () => {
  await instance((_req, res) => res.end());
  expect(await sendHead('GET / HTTP/1.1', 'Host: web.net.localhost', `X-Big: ${'a'.repeat(20_000)}`)).toMatch(
    /^HTTP\/1\.1 431 /,
  );
});

test('a client cannot take from an app the headers that Max sets, by naming them as those of the connection', async () => {
  await instance((req, res) => res.end(JSON.stringify(req.headers)));
  const { text } = await ask('/', {
    connection: 'x-forwarded-for, x-forwarded-host, x-request-id, host, content-length',
    'x-forwarded-host': 'evil.example',
  });
  expect(JSON.parse(text)).toMatchObject({
    host: `web.net.localhost:${port}`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': `web.net.localhost:${port}`,
    'x-request-id': expect.any(String),
  });
});

test('a refusal of an upgrade that breaks off is cut, and ends the connection', async () => {
  const upstream = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\nonly this');
      setImmediate(() => socket.destroy());
    });
    socket.on('error', () => {});
  });
  const target = new Target('web.1', '127.0.0.1', await listen(upstream));
  closing.push(() => upstream.close());
  routes.set('web.net', { deployed: true, targets: [target] });
  const text = await sendHead('GET / HTTP/1.1', 'Host: web.net.localhost', 'Connection: upgrade', 'Upgrade: x');
  expect(text).not.toMatch(/only this.+/);
  expect(target.active).toBe(0);
});
