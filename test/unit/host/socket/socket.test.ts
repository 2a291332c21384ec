import { runInNewContext } from 'node:vm';
import type { Channel } from '@rig/plugin-api';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostSocket, SocketOptions } from '../../../../host/src/socket/index.ts';
import { client, failure, newSeen, type Seen, type ServedChannels, serveChannels } from './serve-channels.ts';

const open: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function served(port?: number, seen?: Seen, refusal?: number): Promise<ServedChannels> {
  const server = await serveChannels(port, seen, refusal);
  open.push(() => server.kill().catch(() => {}));
  return server;
}

async function talk(options: Partial<SocketOptions> = {}): Promise<{ server: ServedChannels; socket: HostSocket }> {
  const server = await served();
  return { server, socket: connected(server, options) };
}

function connected(server: ServedChannels, options: Partial<SocketOptions> = {}): HostSocket {
  const socket = client(server.url, options);
  open.push(() => socket.dispose());
  return socket;
}

async function nextEvent(channel: Channel): Promise<unknown> {
  const { value, done } = await channel.events().next();
  return done === true ? 'end' : value;
}

describe('joining', () => {
  it('gives the answer of Max, with the token as subprotocol and never in the URL', async () => {
    // This token is "good?>?>" and more: its plain base64 has a slash, which no subprotocol may have.
    const token = 'good???>>>~~~';
    const { server, socket } = await talk({ token: async () => token });
    const channel = await socket.join('test:a', { x: 1 });
    expect(channel.joined).toEqual({ topic: 'test:a' });
    expect(channel.topic).toBe('test:a');
    expect(server.seen.joins).toEqual([['test:a', { x: 1 }]]);
    expect(server.seen.tokens).toEqual([token]);
    expect(server.seen.requests[0]?.url).toBe('/socket/websocket?vsn=2.0.0');
    expect(server.seen.requests[0]?.headers['user-agent']).toBe('rig/test');
    expect(socket.state).toEqual({ state: 'open' });
  });

  it('shares one connection between channels', async () => {
    const { server, socket } = await talk();
    await Promise.all([socket.join('test:a'), socket.join('test:b')]);
    expect(server.endpoint.socketCount).toBe(1);
  });

  it('says why Max refuses, and asks only once', async () => {
    const { server, socket } = await talk();
    expect(await failure(socket.join('test:a', { refuse: { reason: 'unauthorized' } }))).toMatchObject({
      code: 'RIG_JOIN_REFUSED',
      exitCode: 4,
      message: expect.stringContaining('test:a: unauthorized') as string,
    });
    expect(server.seen.joins).toHaveLength(1);
  });

  it('passes a problem document on', async () => {
    const { socket } = await talk();
    const refuse = { type: 'about:blank', status: 404, code: 'RIG_APP_NOT_FOUND', title: 'no', detail: 'no app api' };
    expect(await failure(socket.join('test:a', { refuse }))).toMatchObject({
      code: 'RIG_APP_NOT_FOUND',
      exitCode: 3,
      message: 'no app api',
    });
  });

  it('is refused for a topic that nothing serves, and for one that is joined already', async () => {
    const { socket } = await talk();
    expect(await failure(socket.join('nope:a'))).toMatchObject({ code: 'RIG_JOIN_REFUSED', exitCode: 1 });
    await socket.join('test:a');
    expect(await failure(socket.join('test:a'))).toMatchObject({ code: 'RIG_JOIN_REFUSED' });
  });

  it('does not wait longer than it may', async () => {
    const { socket } = await talk();
    expect(await failure(socket.join('test:a', { hang: true }, { timeout: 200 }))).toMatchObject({
      code: 'RIG_TIMEOUT',
      exitCode: 7,
    });
  });

  it('fails where nothing listens, also for the patient, and says what mends it', async () => {
    const { server, socket } = await talk();
    await server.kill();
    expect(await failure(socket.join('test:a', {}, { patient: true }))).toMatchObject({
      code: 'RIG_UNREACHABLE',
      exitCode: 6,
      message: expect.stringContaining('nothing listens there') as string,
      hint: 'start it with: rig max up',
    });
    expect(socket.state.state).toBe('closed');
  });

  it('fails where Max does not accept the sign-in', async () => {
    const { server, socket } = await talk({ token: async () => 'bad' });
    expect(await failure(socket.join('test:a'))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
    expect(server.seen.tokens).toEqual(['bad']);
  });

  it.each([401, 403])('tries once more with a renewed token where it is refused by %i', async (refusal) => {
    const rejected: string[] = [];
    const onUnauthorized = async (token: string) => {
      rejected.push(token);
      return 'good and new';
    };
    const server = await served(0, newSeen(), refusal);
    await connected(server, { token: async () => 'bad', onUnauthorized }).join('test:a');
    expect(rejected).toEqual(['bad']);
    expect(server.seen.tokens).toEqual(['bad', 'good and new']);
  });

  it('fails with the error of the token', async () => {
    const token = () => Promise.reject(Object.assign(new Error('no keychain'), { code: 'E' }));
    const { socket } = await talk({ token });
    expect((await failure(socket.join('test:a'))).message).toBe('no keychain');
  });

  it('fails with the error of its params, which harms nothing else', async () => {
    const { server, socket } = await talk();
    const params = () => {
      throw new Error('no position');
    };
    expect((await failure(socket.join('test:a', params))).message).toBe('no position');
    await socket.join('test:b');
    expect(server.seen.joins.map(([topic]) => topic)).toEqual(['test:b']);
  });

  it('can be interrupted, one join or all', async () => {
    const all = new AbortController();
    const one = new AbortController();
    const { server, socket } = await talk({ signal: all.signal });
    const first = failure(socket.join('test:a', { hang: true }, { signal: one.signal }));
    const second = await connected(server).join('test:b');
    one.abort();
    expect(await first).toMatchObject({ code: 'RIG_INTERRUPTED', exitCode: 130 });
    await second.leave();
    const third = failure(socket.join('test:c', { hang: true }));
    all.abort();
    expect(await third).toMatchObject({ code: 'RIG_INTERRUPTED' });
    expect(await failure(socket.join('test:d'))).toMatchObject({ code: 'RIG_INTERRUPTED' });
  });
});

describe('pushing', () => {
  it('gives the reply, whatever JSON it is', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    for (const value of [{ a: [1, null] }, null, 0, '', false, 'ü😀', [1]]) {
      expect(await channel.push('echo', value)).toEqual(value);
    }
  });

  it('carries bytes of every kind both ways', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    const bytes = Buffer.from([0, 1, 0xfe, 0xff]);
    const own = new Uint8Array(bytes).buffer;
    const foreign = runInNewContext('new Uint8Array([0, 1, 254, 255]).buffer') as ArrayBuffer;
    for (const value of [bytes, new Uint8Array(bytes), new DataView(own), own, foreign]) {
      const reply = await channel.push('echo', value);
      expect(Buffer.isBuffer(reply)).toBe(true);
      expect(reply).toEqual(bytes);
    }
    expect(await channel.push('echo', Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(await channel.push('echo', [bytes.subarray(0, 1), own, Buffer.alloc(0)])).toEqual(
      Buffer.concat([bytes.subarray(0, 1), bytes]),
    );
    expect(await channel.push('echo', [])).toEqual([]);
    await channel.push('emit', bytes);
    expect(await nextEvent(channel)).toEqual({ event: 'emitted', payload: bytes });
  });

  it('rejects an error reply, with a problem of Max as it is', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    expect(await failure(channel.push('fail', { reason: 'too late' }))).toMatchObject({
      code: 'RIG_CHANNEL_ERROR',
      message: 'Max refused fail on test:a: too late',
    });
    const problem = { status: 409, code: 'RIG_NAME_TAKEN', title: 'taken', detail: 'the name is taken' };
    expect(await failure(channel.push('fail', problem))).toMatchObject({ code: 'RIG_NAME_TAKEN', exitCode: 5 });
  });

  it('rejects when no reply comes in time', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    expect(await failure(channel.push('silent', {}, { timeout: 100 }))).toMatchObject({
      code: 'RIG_TIMEOUT',
      exitCode: 7,
    });
    expect(await channel.push('echo', 'still there')).toBe('still there');
  });

  it('rejects what cannot be sent', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    expect(await failure(channel.push('echo', { big: 1n }))).toBeInstanceOf(TypeError);
  });

  it('rejects at once when the server is killed', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a');
    const received = server.received('silent');
    const pushed = failure(channel.push('silent', {}, { timeout: 600_000 }));
    await received;
    await server.kill();
    expect(await pushed).toMatchObject({ code: 'RIG_CHANNEL_CLOSED', exitCode: 6 });
  });

  it('rejects at once when the channel crashes at Max, and works again after it', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    const silent = failure(channel.push('silent', {}, { timeout: 600_000 }));
    expect(await failure(channel.push('crash', {}))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    expect(await silent).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    expect(await channel.push('echo', 1)).toBe(1);
  });

  it('gives up a channel that crashes again and again', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    for (let i = 0; i < 3; i += 1) await failure(channel.push('crash', {}));
    expect(await failure(channel.push('echo', 1))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    expect(await failure(channel.events().next())).toMatchObject({ code: 'RIG_CHANNEL_ERROR' });
  });

  it('sends acknowledgements without waiting', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a');
    channel.send('ack', { seq: 1 });
    channel.send('ack', { seq: 2 });
    await channel.push('echo', {});
    expect(server.seen.acks).toEqual([{ seq: 1 }, { seq: 2 }]);
  });
});

describe('events', () => {
  it('come from the join on, in order, also those that came before anybody read', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a', { pushes: ['one', 'two'] });
    server.endpoint.broadcast('test:a', 'three', null);
    await channel.push('echo', {});
    const seen: unknown[] = [];
    for await (const event of channel.events()) {
      seen.push(event);
      if (seen.length === 3) await channel.leave();
    }
    expect(seen).toEqual([
      { event: 'one', payload: { of: 'test:a' } },
      { event: 'two', payload: { of: 'test:a' } },
      { event: 'three', payload: null },
    ]);
  });

  it('end when Max ends the channel, and pushes are rejected then', async () => {
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    expect(await failure(channel.push('stop', {}))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    expect(await nextEvent(channel)).toBe('end');
    expect(await failure(channel.push('echo', {}))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
  });

  it('end when the channel is left, once Max has answered', async () => {
    const { server, socket } = await talk();
    const channel = await socket.join('test:a');
    const reading = nextEvent(channel);
    await channel.leave();
    expect(server.seen.ends).toEqual(['left']);
    expect(await reading).toBe('end');
    await channel.leave();
    await socket.join('test:a');
  });
});
