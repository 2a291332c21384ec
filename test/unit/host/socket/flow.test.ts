import { GAP_EVENT, REJOINED_EVENT, type SocketState } from '@rig/plugin-api';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostSocket, SocketOptions } from '../../../../host/src/socket/index.ts';
import { client, failure, type Seen, type ServedChannels, serveChannels } from './serve-channels.ts';

const open: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function served(port?: number, seen?: Seen): Promise<ServedChannels> {
  const server = await serveChannels(port, seen);
  open.push(() => server.kill().catch(() => {}));
  return server;
}

async function talk(options: Partial<SocketOptions> = {}): Promise<{ server: ServedChannels; socket: HostSocket }> {
  const server = await served();
  const socket = client(server.url, options);
  open.push(() => socket.dispose());
  return { server, socket };
}

/** Settles in a state, also if it is that one already. */
async function reached(socket: HostSocket, wanted: SocketState['state']): Promise<void> {
  for await (const { state } of socket.states()) if (state === wanted) return;
}

describe('a reader that is slower than its channel', () => {
  it('reads what was kept, and then hears that it is too slow; other channels go on', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a', {}, { mostUnread: 3 });
    const other = await socket.join('test:b');
    for (let n = 1; n <= 9; n += 1) server.endpoint.broadcast('test:a', 'n', n);
    await other.push('echo', {});
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const { payload } of channel.events()) seen.push(payload);
    })();
    expect(await failure(reading)).toMatchObject({ code: 'RIG_SLOW_CONSUMER', exitCode: 1 });
    expect(seen).toEqual([1, 2, 3]);
    expect(await failure(channel.push('echo', 1))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    expect(await other.push('echo', 1)).toBe(1);
    await socket.join('test:a');
  });

  it('may have the oldest dropped, with a record of how many', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a', {}, { overflow: 'drop-oldest', mostUnread: 2 });
    for (let n = 1; n <= 5; n += 1) server.endpoint.broadcast('test:a', 'n', n);
    await channel.push('echo', {});
    const events = channel.events();
    expect((await events.next()).value).toEqual({ event: GAP_EVENT, payload: { dropped: 3 } });
    expect((await events.next()).value).toEqual({ event: 'n', payload: 4 });
  });

  it('holds no more bytes than it may, whatever comes', async () => {
    const { server, socket } = await talk();
    const options = { overflow: 'drop-oldest', mostUnreadBytes: 1_000_000 } as const;
    const channel = await socket.join('test:a', {}, options);
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n += 1) server.endpoint.broadcast('test:a', 'big', text);
    await channel.push('echo', {});
    expect(socket.health()).toMatchObject({ unread: 9, channels: 1 });
    expect(socket.health().receivedBytes).toBeGreaterThan(20_000_000);
  });
});

describe('a push without a connection', () => {
  async function offline() {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a', {}, { patient: true });
    const gone = reached(socket, 'reconnecting');
    await server.kill();
    await gone;
    return { server, socket, channel, back: () => served(server.port, server.seen) };
  }

  it('waits and goes out in order, unless it says otherwise', async () => {
    const { socket, channel, server, back } = await offline();
    const first = channel.push('echo', 1, { timeout: 60_000 });
    channel.send('ack', 'forgotten');
    channel.send('ack', 'kept', { offline: 'keep' });
    const last = channel.push('echo', 2, { timeout: 60_000 });
    expect(await failure(channel.push('echo', 3, { offline: 'fail' }))).toMatchObject({
      code: 'RIG_OFFLINE',
      exitCode: 6,
    });
    expect(() => channel.send('ack', 'refused', { offline: 'fail' })).toThrowError(
      expect.objectContaining({ code: 'RIG_OFFLINE' }),
    );
    expect(socket.health().waitingPushes).toBe(3);
    await back();
    expect(await Promise.all([first, last])).toEqual([1, 2]);
    expect(server.seen.acks).toEqual(['kept']);
    expect(socket.health()).toMatchObject({ waitingPushes: 0, reconnects: 1 });
  });

  it('is refused where too many wait, by number or by bytes', async () => {
    const { channel, socket } = await offline();
    const waiting = Array.from({ length: 256 }, () => failure(channel.push('echo', 1, { timeout: 60_000 })));
    expect(await failure(channel.push('echo', 1))).toMatchObject({
      code: 'RIG_OFFLINE',
      message: expect.stringContaining('256 pushes wait') as string,
    });
    expect(() => channel.send('ack', 1, { offline: 'keep' })).toThrowError(
      expect.objectContaining({ code: 'RIG_OFFLINE' }),
    );
    await socket.dispose();
    expect((await waiting[0])?.code).toBe('RIG_CHANNEL_CLOSED');
    await Promise.all(waiting);
  });

  it('counts what waits by its bytes, and gives room back', async () => {
    const { channel } = await offline();
    const late = failure(channel.push('echo', Buffer.alloc(900_000), { timeout: 50 }));
    expect(await failure(channel.push('echo', 'y'.repeat(200_000)))).toMatchObject({ code: 'RIG_OFFLINE' });
    expect(await late).toMatchObject({ code: 'RIG_TIMEOUT' });
    channel.send('ack', 'y'.repeat(200_000), { offline: 'keep' });
  });

  it('waits no longer than it may', async () => {
    const { channel } = await offline();
    expect(await failure(channel.push('echo', 1, { timeout: 50 }))).toMatchObject({ code: 'RIG_TIMEOUT' });
  });
});

describe('leaving a channel', () => {
  it('settles once Max has answered, for everybody who leaves it', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a');
    await Promise.all([
      channel.leave().then(() => expect(server.seen.ends).toEqual(['left'])),
      channel.leave().then(() => expect(server.seen.ends).toEqual(['left'])),
    ]);
    await channel.leave();
    expect(socket.health().channels).toBe(0);
  });
});

describe('what is told of the connection', () => {
  it('is a stream of states that begins with the present one and ends with the command', async () => {
    const { server, socket } = await talk();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { state } of socket.states()) seen.push(state);
    })();
    const channel = await socket.join('test:a', {}, { patient: true });
    const gone = reached(socket, 'reconnecting');
    server.endpoint.disconnect('all');
    await gone;
    await channel.push('echo', 1);
    await socket.dispose();
    await reading;
    expect(seen).toEqual(['closed', 'connecting', 'open', 'reconnecting', 'open', 'closed']);
  });

  it('ends for a reader that comes after the end, and at once for one that waits and gives up', async () => {
    const { socket } = await talk();
    const early = socket.states();
    const left = socket.states();
    await left.next();
    const waiting = left.next();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await socket.dispose();
    const states = async (stream: AsyncIterable<SocketState>): Promise<string[]> => {
      const all: string[] = [];
      for await (const { state } of stream) all.push(state);
      return all;
    };
    expect(await states(early)).toEqual(['closed']);
    expect(await states(socket.states())).toEqual(['closed']);
  });

  it('is how long a sign of life takes, and nothing where there is no connection', async () => {
    const { server, socket } = await talk();
    expect(await failure(socket.ping())).toMatchObject({ code: 'RIG_OFFLINE', exitCode: 6 });
    const channel = await socket.join('test:a');
    const ms = await socket.ping();
    expect(socket.health()).toMatchObject({ state: 'open', rttMs: ms, smoothedRttMs: ms, channels: 1, reconnects: 0 });
    expect(socket.health().openSince).toMatch(/^\d{4}-.*Z$/);
    void failure(socket.join('test:b', { hang: true }));
    expect(await failure(socket.ping(50))).toMatchObject({ code: 'RIG_TIMEOUT' });
    const pinged = failure(socket.ping());
    await server.kill();
    expect(await pinged).toMatchObject({ code: 'RIG_OFFLINE' });
    expect(socket.health().openSince).toBeUndefined();
    await channel.leave();
  });

  it('is measured by the heartbeats too', async () => {
    const { socket } = await talk({ heartbeatMs: 50 });
    await socket.join('test:a');
    await expect.poll(() => socket.health().rttMs, { interval: 20 }).toBeGreaterThan(0);
  });

  it('is said to a person once when it is lost and once when it is back, where somebody waits for it', async () => {
    const said: string[] = [];
    const { server, socket } = await talk({ note: (text) => said.push(text) });
    const channel = await socket.join('test:a');
    server.endpoint.disconnect('all');
    await failure(channel.push('silent', 1));
    await channel.push('echo', 1);
    expect(said).toEqual([]);
    const patient = await socket.join('test:b', {}, { patient: true });
    const gone = reached(socket, 'reconnecting');
    await server.kill();
    await gone;
    await served(server.port, server.seen);
    expect(await patient.push('echo', 1, { timeout: 60_000 })).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(/^The connection to Max is lost \(.+\); trying again/),
      'Connected again',
    ]);
  });

  it('is the answer to each further join, among the events, where that is asked for', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a', {}, { rejoins: true });
    server.endpoint.broadcast('test:a', 'n', 1);
    await channel.push('echo', {});
    server.endpoint.disconnect('all');
    const events = channel.events();
    expect((await events.next()).value).toEqual({ event: 'n', payload: 1 });
    expect((await events.next()).value).toEqual({ event: REJOINED_EVENT, payload: { topic: 'test:a' } });
  });
});
