import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Route, Router } from '../../../../plugins/max/src/router/router.ts';
import { Target } from '../../../../plugins/max/src/router/target.ts';
import { get } from '../runtime/kit.ts';

let route: Route;
let server: Server;
let router: Router;
let port: number;
let lines: string[];
const closing: Array<() => void> = [];

beforeEach(async () => {
  route = { deployed: true, targets: [] };
  lines = [];
  router = new Router({
    routeOf: ({ app }) => (app === 'web' ? route : undefined),
    write: (_, text) => lines.push(text),
  });
  server = createServer((req, res) => void router.handleRequest(req, res));
  server.on('upgrade', (req, socket, head) => void router.handleUpgrade(req, socket, head));
  port = await listen(server);
});
afterEach(async () => {
  await Promise.all(route.targets.map((target) => target.destroy()));
  for (const close of closing.splice(0)) close();
  server.closeAllConnections();
  server.close();
});

async function listen(of: Server | TcpServer): Promise<number> {
  of.listen(0, '127.0.0.1');
  await once(of, 'listening');
  return (of.address() as AddressInfo).port;
}

async function serve(upstream: Server | TcpServer): Promise<Target> {
  const target = new Target(`web.${route.targets.length + 1}`, '127.0.0.1', await listen(upstream));
  closing.push(() => {
    if ('closeAllConnections' in upstream) upstream.closeAllConnections();
    upstream.close();
  });
  route = { deployed: true, targets: [...route.targets, target] };
  return target;
}
const instance = (handler?: RequestListener): Promise<Target> => serve(createServer(handler));
/** An instance made of bare connections. */
const bare = (handler: (socket: Socket) => void): Promise<Target> =>
  serve(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      closing.push(() => socket.destroy());
      handler(socket);
    }),
  );

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
async function ask(
  method: string,
  path: string,
  body?: string,
  headers = {},
): Promise<{ status: number; text: string }> {
  const req = request({
    agent,
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { host: 'web.net.localhost', ...headers },
  });
  req.end(body);
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of answer) text += piece;
  return { status: answer.statusCode!, text };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok';

test('an instance that closes each connection just when it is used again loses no POST, and gets none twice', async () => {
  const got: string[] = [];
  // It reads the second request of a connection and closes: nobody can tell whether it did what was asked.
  await bare((socket) => {
    let requests = 0;
    socket.on('data', (piece) => {
      const path = /^(?:GET|POST|DELETE) (\S+)/.exec(piece.toString('latin1'))?.[1];
      if (path === undefined) return;
      got.push(path);
      requests += 1;
      if (requests === 1) socket.write(OK);
      else socket.destroy();
    });
  });
  for (let count = 0; count < 10; count += 1) {
    expect((await ask('GET', `/get/${count}`)).status).toBe(200);
    expect((await ask('POST', `/post/${count}`, 'body')).status).toBe(200);
    expect((await ask('DELETE', `/delete/${count}`)).status).toBe(200);
  }
  const posts = got.filter((path) => !path.startsWith('/get/'));
  expect(posts).toEqual([...new Set(posts)]);
  expect(lines).toEqual([]);
});

test('a POST that was read and not answered is not sent again: 502 with a code, and a line in the log', async () => {
  let seen = 0;
  const rude = (socket: Socket): void => {
    socket.once('data', () => {
      seen += 1;
      socket.destroy();
    });
  };
  await bare(rude);
  await bare(rude);
  const answer = await ask('POST', '/pay?token=sentinel', 'body', { accept: 'application/json' });
  expect(answer.status).toBe(502);
  const { code, requestId } = JSON.parse(answer.text);
  expect([code, seen]).toEqual(['RIG_BAD_GATEWAY', 1]);
  expect(lines).toEqual([
    expect.stringMatching(
      new RegExp(
        `^level=error code=RIG_BAD_GATEWAY status=502 method=POST path=/pay instance=web\\.\\d duration=\\d+ms request=${requestId} why="it closed the connection"$`,
      ),
    ),
  ]);
});

test('a GET that broke off before its answer is asked again at another instance', async () => {
  await bare((socket) => void socket.once('data', () => socket.destroy()));
  await instance((_req, res) => res.end('second'));
  for (let count = 0; count < 4; count += 1) expect((await ask('GET', '/')).text).toBe('second');
  expect(lines).toEqual([]);
});

test('what is tried again goes to the instances that serve then', async () => {
  const later = await instance((_req, res) => res.end('later'));
  const { targets } = route;
  const old = await bare((socket) => {
    socket.once('data', () => {
      // The switch comes while a request is under way at the instance that goes.
      route = { deployed: true, targets };
      socket.destroy();
    });
  });
  route = { deployed: true, targets: [old] };
  expect((await ask('GET', '/')).text).toBe('later');
  await old.destroy();
  expect(later.active).toBe(0);
});

test('an answer that comes before the whole request reaches the client, whose connection goes on', async () => {
  await instance((req, res) => {
    if (req.url === '/next') return void req.resume().on('end', () => res.end('next'));
    // Refused by its head: nothing of the body is read, and the connection ends.
    res.writeHead(413, { connection: 'close' });
    res.end('too large');
  });
  for (let count = 0; count < 5; count += 1) {
    const answer = await ask('POST', '/large', 'x'.repeat(3_000_000));
    expect(answer).toEqual({ status: 413, text: 'too large' });
    expect(await ask('POST', '/next', 'small')).toEqual({ status: 200, text: 'next' });
  }
  expect(lines).toEqual([]);
});

test('a client that still sends reads why its request was not passed on', async () => {
  const answer = await ask('POST', '/', 'x'.repeat(3_000_000));
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('RIG_APP_UNAVAILABLE');
  expect(lines[0]).toMatch(/code=RIG_APP_UNAVAILABLE status=503 method=POST path=\/ duration/);
});

test('a client that waits for 100 Continue gets it, and its answer', async () => {
  await instance((req, res) => {
    let size = 0;
    req.on('data', (piece) => {
      size += piece.length;
    });
    req.on('end', () => res.end(`${size} ${req.headers.expect}`));
  });
  const req = request({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    agent: false,
    headers: { host: 'web.net.localhost', expect: '100-continue', 'content-length': 4 },
  });
  req.flushHeaders();
  await once(req, 'continue');
  req.end('body');
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of answer) text += piece;
  expect(text).toBe('4 undefined');
});

test('requests that are sent at once on one connection are answered in their order', async () => {
  const held: Array<() => void> = [];
  await instance((req, res) => {
    if (req.url === '/slow') held.push(() => res.end('slow'));
    else {
      res.end('quick');
      res.once('close', () => held.pop()?.());
    }
  });
  const socket = connect(port, '127.0.0.1');
  const head = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: web.net.localhost\r\n${more}\r\n`;
  socket.write(head('/slow') + head('/quick', 'Connection: close\r\n'));
  let text = '';
  for await (const piece of socket) text += piece;
  expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*slowHTTP\/1\.1 200 [\s\S]*quick$/);
});

test('an upgrade goes to another instance where the first one cannot be reached', async () => {
  const gone = createServer();
  await serve(gone);
  gone.close();
  await once(gone, 'close');
  const upstream = createServer();
  new WebSocketServer({ server: upstream }).on('connection', (socket) => socket.send('hello'));
  await serve(upstream);
  for (let count = 0; count < 3; count += 1) {
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'web.net.localhost' } });
    expect(String((await once(client, 'message'))[0])).toBe('hello');
    client.terminate();
  }
});

test.each([
  ['is closed with 1012 when its instance goes with its release', true, undefined, 1012],
  ['is closed as the instance says, where it says something', true, 1001, 1001],
  ['is cut when its instance crashes', false, undefined, 1006],
])('a WebSocket %s', async (_, leaves, said, wanted) => {
  const upstream = createServer();
  const sockets = new WebSocketServer({ server: upstream });
  const target = await serve(upstream);
  const connected = once(sockets, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'web.net.localhost' } });
  const closed = once(client, 'close');
  const [inner] = await connected;
  const big = Buffer.alloc(200_000, 7);
  inner.send(big);
  expect((await once(client, 'message'))[0]).toEqual(big);
  if (leaves) target.leave();
  if (said === undefined) inner.terminate();
  else inner.close(said);
  expect((await closed)[0]).toBe(wanted);
  await target.drained(10_000, new AbortController().signal);
  expect(target.active).toBe(0);
});

test('WebSockets are closed with 1012 when Max itself goes, one that is being made too; what is no WebSocket is cut', async () => {
  const upstream = createServer();
  let agree = (): void => {};
  const sockets = new WebSocketServer({ noServer: true });
  upstream.on('upgrade', (req, socket, head) => {
    if (req.headers.upgrade === 'x') {
      socket.on('error', () => {});
      return socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    }
    agree = () => sockets.handleUpgrade(req, socket, head, (peer) => peer.on('error', () => {}));
    if (req.url === '/now') agree();
  });
  const target = await serve(upstream);
  const open = (path: string): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host: 'web.net.localhost' } });
  const made = open('/now');
  await once(made, 'open');
  const asked = once(upstream, 'upgrade');
  const late = open('/later');
  await asked;
  const other = connect(port, '127.0.0.1');
  other.write('GET / HTTP/1.1\r\nHost: web.net.localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  await once(other, 'data');
  const ends = [once(made, 'close'), once(late, 'close'), once(other, 'close')];
  router.leave();
  agree();
  const [first, second] = await Promise.all(ends);
  expect([first![0], second![0]]).toEqual([1012, 1012]);
  await target.drained(10_000, new AbortController().signal);
  expect(target.active).toBe(0);
});

test('an answer that breaks off amid its body is a line of the log, as is a client that did not wait', async () => {
  let asked = 0;
  await instance((req, res) => {
    asked += 1;
    if (req.url === '/wait') return;
    res.writeHead(200, { 'content-length': '100' });
    res.write('part', () => req.socket.destroy());
  });
  await expect(get(port, 'web.net.localhost', '/amid')).rejects.toThrow(/aborted/);
  expect(lines.pop()).toMatch(/code=RIG_BAD_GATEWAY .*path=\/amid .*why="it broke off amid its answer"$/);
  const req = request({ host: '127.0.0.1', port, path: '/wait', headers: { host: 'web.net.localhost' } });
  req.on('error', () => {});
  req.end();
  while (asked < 2) await new Promise((resolve) => setImmediate(resolve));
  req.destroy();
  while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual([expect.stringMatching(/^level=info code=RIG_CLIENT_GONE status=499 method=GET path=\/wait /)]);
});
