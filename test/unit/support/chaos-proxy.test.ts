import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChaosProxy } from '../../support/chaos-proxy.ts';
import { ChaosRandom } from '../../support/chaos-random.ts';

const open: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that says what it is told, and the proxy before it. */
async function proxied(seed = 7): Promise<{ proxy: ChaosProxy; ask: (text: string) => Socket; served: Socket[] }> {
  const served: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    served.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of served) socket.destroy();
    server.close();
  });
  const proxy = await ChaosProxy.to((server.address() as AddressInfo).port, seed);
  open.push(() => proxy.close());
  const ask = (text: string): Socket => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    open.push(() => socket.destroy());
    socket.write(text);
    return socket;
  };
  return { proxy, ask, served };
}

/** What comes until so many bytes are there, and in how many pieces. */
async function read(socket: Socket, bytes: number): Promise<{ text: string; pieces: number }> {
  let text = '';
  let pieces = 0;
  while (text.length < bytes) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    text += piece.toString();
    pieces += 1;
  }
  return { text, pieces };
}

/** An event, also where an error comes before it. */
const happens = (socket: Socket | undefined, event: string): Promise<void> =>
  new Promise((resolve) => socket?.once(event, () => resolve()));

const SOCKET = `GET /socket ${'x'.repeat(88)}`;

describe('the chaos proxy', () => {
  it('carries everything as it is where nothing is asked of it', async () => {
    const { ask } = await proxied();
    expect((await read(ask('hello'), 5)).text).toBe('hello');
  });

  it('splits what goes through at every byte, and loses none', async () => {
    const { proxy, ask } = await proxied();
    proxy.rule('socket', { split: 'bytes', delayMs: [1, 1] });
    const { text, pieces } = await read(ask(SOCKET), SOCKET.length);
    expect(text).toBe(SOCKET);
    expect(pieces).toBeGreaterThan(50);
  });

  it('lets nothing through a black hole, and all of it afterwards; other kinds of connections go on', async () => {
    const { proxy, ask } = await proxied();
    proxy.rule('socket', { blackHole: true });
    const held = ask(SOCKET);
    await proxy.opened('socket');
    expect((await read(ask('GET /v1'), 7)).text).toBe('GET /v1');
    expect(held.bytesRead).toBe(0);
    proxy.rule('socket', {});
    expect((await read(held, SOCKET.length)).text).toBe(SOCKET);
  });

  it('cuts in the midst of what it carries', async () => {
    const { proxy, ask, served } = await proxied();
    const client = ask(SOCKET);
    await read(client, SOCKET.length);
    proxy.cutAfter('socket', 10, 'end');
    const ends = [happens(client, 'end'), happens(served[0], 'end')];
    client.write('abcdefghijklmnop');
    expect((await read(client, 10)).text).toBe('abcdefghij');
    await Promise.all(ends);
    expect(proxy.cuts).toBe(1);
  });

  it.each(['reset', 'half-client', 'half-server'] as const)('cuts by %s', async (how) => {
    const { proxy, ask, served } = await proxied();
    const client = ask(SOCKET);
    await read(client, SOCKET.length);
    const ofClient = happens(client, { reset: 'close', 'half-client': 'end', 'half-server': 'data' }[how]);
    const ofServer = happens(served[0], { reset: 'close', 'half-client': 'data', 'half-server': 'end' }[how]);
    expect(proxy.cut('socket', how)).toBe(1);
    // The other direction still carries.
    if (how === 'half-client') client.write('more');
    if (how === 'half-server') served[0]?.write('more');
    await Promise.all([ofClient, ofServer]);
    expect(proxy.open('socket')).toBe(0);
  });

  it('does the same again with the same seed', () => {
    const numbers = (seed: number) => {
      const random = new ChaosRandom(seed);
      return [random.fork(1).between(0, 1e9), random.next(), random.pick(['a', 'b', 'c']), random.fork(2).next()];
    };
    expect(numbers(5)).toEqual(numbers(5));
    expect(numbers(5)).not.toEqual(numbers(6));
    const spread = new ChaosRandom(1);
    const values = Array.from({ length: 1000 }, () => spread.between(1, 6));
    expect(new Set(values)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });
});
