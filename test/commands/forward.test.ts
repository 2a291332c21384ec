import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ResultPromise } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy } from '../support/chaos-proxy.ts';
import { expectText } from '../support/failure.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { deadPort } from '../support/ports.ts';
import { rig, rigJson, spawnRig } from '../support/rig.ts';

let max: RunningMax;
let http: number;
let echo: Server;
let echoPort: number;
const running: Array<ResultPromise<{ reject: false }>> = [];
beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), answering('hello')));
  const status = await rigJson<{ instances: Array<{ port: number }> }>(max.home, ['status', 'app', 'api.shop']);
  http = status.instances[0]?.port ?? 0;
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  echoPort = (echo.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.kill('SIGINT');
    await one;
  }
});
afterAll(async () => {
  echo?.close();
  await max?.stop();
});

interface Told {
  event: string;
  local: string;
  port: number;
  app: string;
  error?: { code: string; message: string };
}

/** Starts to forward; gives the local ports, and what is told. */
async function start(ports: string[], env: Record<string, string> = {}) {
  const child = spawnRig(max.home, ['forward', ...ports, '--app', 'api.shop', '-o', 'ndjson'], { env });
  running.push(child);
  const lines = outputLines(child.stdout as never);
  const told = async (text: string): Promise<Told> => JSON.parse(await lines.find(text)) as Told;
  const locals: number[] = [];
  for (const port of ports) {
    const { local } = await told(`"port":${port.split(':').at(-1)}`);
    locals.push(Number(local.split(':').at(-1)));
  }
  return { child, told, locals };
}

/** Sends everything, ends, and gives everything that comes back. */
async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.end(bytes);
  await once(socket, 'end');
  return Buffer.concat(pieces);
}

test('leads a port of this machine to the app, and several to several', async () => {
  const { child, locals } = await start([`0:${http}`, `0:${echoPort}`]);
  const [web = 0, back = 0] = locals;
  expect(await (await fetch(`http://127.0.0.1:${web}/`)).text()).toBe('hello');
  const bytes = randomBytes(3_000_000);
  expect((await exchange(back, bytes)).equals(bytes)).toBe(true);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${web}/`).then((answer) => answer.text())),
  );
  expect(answers).toEqual(Array(20).fill('hello'));
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(130);
});

test('tells a person where, takes another port where the same is taken, and goes on after a connection that failed', async () => {
  const dead = await deadPort();
  // The echo listens on that number of this very machine: it is taken.
  const child = spawnRig(max.home, ['forward', String(echoPort), String(dead), '--app', 'api.shop']);
  running.push(child);
  const aside = outputLines(child.stderr as never);
  const lines = outputLines(child.stdout as never);
  const first = await lines.find(`port ${echoPort} of api.shop`);
  expect(first).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ → port ${echoPort} of api\\.shop$`));
  expect(first).not.toContain(`:${echoPort} `);
  expect(await aside.find('is taken')).toMatch(
    new RegExp(`^port ${echoPort} of .*; rig listens on 127\\.0\\.0\\.1:\\d+ instead$`),
  );
  const second = await lines.find(`port ${dead} of api.shop`);
  // It would lead to itself: Max is on this machine.
  expect(second).not.toContain(`:${dead} `);
  expect(await aside.find('lead to itself')).toContain(`port ${dead} `);
  const local = Number(/:(\d+) /.exec(second)?.[1]);
  const socket = connect({ port: local, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  expect(await lines.find('failed')).toMatch(
    new RegExp(
      `^127.0.0.1:${local}: a connection failed: nothing listens on port ${dead} there \\(RIG_SESSION_FAILED\\)$`,
    ),
  );
  const back = Number(/:(\d+) /.exec(first)?.[1]);
  expect((await exchange(back, Buffer.from('still there'))).toString()).toBe('still there');
});

test('a connection lives through cuts of the link, to the byte', async () => {
  const proxy = await ChaosProxy.to(max.port);
  const env = { RIG_SERVER: proxy.url, RIG_TOKEN: max.token };
  const { locals } = await start([`0:${echoPort}`], env);
  const socket = connect({ port: locals[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
  const sent = createHash('sha256');
  const got = createHash('sha256');
  let size = 0;
  let cuts = 0;
  socket.on('data', (piece: Buffer) => {
    got.update(piece);
    size += piece.length;
    if (size > (cuts + 1) * 1_000_000 && cuts < 3) {
      cuts += 1;
      proxy.cut('socket');
    }
  });
  const ended = once(socket, 'end');
  for (let index = 0; index < 64; index += 1) {
    const piece = randomBytes(65_536);
    sent.update(piece);
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  socket.end();
  await ended;
  expect([size, cuts]).toEqual([64 * 65_536, 3]);
  expect(got.digest('hex')).toBe(sent.digest('hex'));
  await proxy.close();
});

test('the app is hung up at once by one who resets a connection, and by the end of rig', async () => {
  const ends: Array<Promise<void>> = [];
  const talker = createServer((socket) => {
    socket.on('error', () => undefined);
    ends.push(new Promise((resolve) => socket.once('close', () => resolve())));
    // It goes on and on, and reads nothing.
    const more = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(65_536)));
    };
    socket.on('drain', more);
    more();
  });
  await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve));
  const { child, locals } = await start([`0:${(talker.address() as AddressInfo).port}`]);
  const reading = async () => {
    const client = connect({ port: locals[0] ?? 0, host: '127.0.0.1' });
    client.on('error', () => undefined);
    await once(client, 'data');
    return client;
  };
  const first = await reading();
  await reading();
  expect(ends).toHaveLength(2);
  first.resetAndDestroy();
  await Promise.race(ends);
  child.kill('SIGINT');
  await Promise.all(ends);
  talker.close();
});

test.each([
  [['http', '--app', 'api.shop'], 'RIG_BAD_PORT', 2, /"http"/, /15432:5432/],
  [['70000', '--app', 'api.shop'], 'RIG_BAD_PORT', 2, /70000/, /15432:5432/],
  [['8080:1', '8080:2', '--app', 'api.shop'], 'RIG_BAD_PORT', 2, /8080/, /8081:2/],
  [['1234', '--app', 'api.shop', '--address', '192.0.2.1'], 'RIG_BAD_ADDRESS', 2, /192\.0\.2\.1/, /--address/],
  [['1234', '--app', 'other.shop'], 'RIG_APP_NOT_FOUND', 3, /other/, /rig/],
  [['1234', '--app', 'api.shop', '-o', 'json'], 'RIG_FOLLOW_FORM', 2, /one document/, /ndjson/],
] as const)('rig forward %j says what is wrong', async (args, code, exitCode, message, hint) => {
  const result = await rig(max.home, ['forward', ...args]);
  if (args.includes('json' as never)) expect(result).toMatchObject({ exitCode, stdout: '' });
  else expectText(result, { code, exitCode, message, hint });
  expect(result.stderr).toContain(code);
});

test('a port that is taken, or would lead to itself, is named, with another to take', async () => {
  const dead = await deadPort();
  const loop = await rig(max.home, ['forward', `${dead}:${dead}`, '--app', 'api.shop']);
  expectText(loop, { code: 'RIG_BAD_PORT', exitCode: 2, message: /lead to itself/, hint: new RegExp(`0:${dead}`) });
  const result = await rig(max.home, ['forward', `${echoPort}:80`, '--app', 'api.shop']);
  const failure = { code: 'RIG_PORT_TAKEN', exitCode: 5, message: new RegExp(`${echoPort}`), hint: /0:80/ };
  expectText(result, failure);
});
