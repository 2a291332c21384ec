import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SocketState } from '@rig/plugin-api';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
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

function connected(url: string, options: Partial<SocketOptions> = {}): HostSocket {
  const socket = client(url, options);
  open.push(() => socket.dispose());
  return socket;
}

function reached(socket: HostSocket, wanted: SocketState['state']): Promise<SocketState> {
  return new Promise((resolve) => {
    const stop = socket.onState((state) => {
      if (state.state !== wanted) return;
      stop();
      resolve(state);
    });
  });
}

describe('a connection that is lost', () => {
  it('comes back with a fresh token, and a stream goes on where its reader stopped', async () => {
    const first = await served();
    let tokens = 0;
    const states: string[] = [];
    const socket = connected(first.url, {
      token: async () => {
        tokens += 1;
        return `good ${tokens}`;
      },
      onState: ({ state }) => states.push(state),
    });
    let last = 0;
    const channel = await socket.join('test:log', () => ({ after: last }), { patient: true });
    const events = channel.events<{ seq: number }>();
    for (const seq of [1, 2, 3]) first.endpoint.broadcast('test:log', 'line', { seq });
    // Two are read, the third is not: it has to come again.
    for (let i = 0; i < 2; i += 1) last = (await events.next()).value?.payload.seq;
    await channel.push('echo', {});

    const gone = reached(socket, 'reconnecting');
    await first.kill();
    expect((await gone).reason).toContain('lost');
    const back = reached(socket, 'open');
    const second = await served(first.port, first.seen);
    await back;
    // Waits for the rejoin, since it could not be sent before.
    await channel.push('echo', {});
    second.endpoint.broadcast('test:log', 'line', { seq: 3 });
    expect((await events.next()).value).toEqual({ event: 'line', payload: { seq: 3 } });
    expect(first.seen.joins).toEqual([
      ['test:log', { after: 0 }],
      ['test:log', { after: 2 }],
    ]);
    expect(new Set(first.seen.tokens).size).toBe(first.seen.tokens.length);
    expect(states[0]).toBe('connecting');
    expect(states.filter((state) => state === 'open')).toHaveLength(2);
  });

  it('keeps unread events of a channel that cannot ask for them again', async () => {
    const server = await served();
    const socket = connected(server.url);
    const channel = await socket.join('test:a');
    server.endpoint.broadcast('test:a', 'once', 1);
    await channel.push('echo', {});
    const back = reached(socket, 'open');
    server.endpoint.disconnect('all');
    await back;
    await channel.push('echo', {});
    expect((await channel.events().next()).value).toEqual({ event: 'once', payload: 1 });
  });

  it('comes back after a server that stops in order', async () => {
    const first = await served();
    const socket = connected(first.url);
    const channel = await socket.join('test:a', {}, { patient: true });
    const gone = reached(socket, 'reconnecting');
    await first.endpoint.stop();
    expect((await gone).reason).toContain('1012');
    await first.kill();
    await served(first.port, first.seen);
    expect(await channel.push('echo', 7)).toBe(7);
    expect(first.seen.ends).toEqual(['closed']);
  });

  it('fails those that cannot wait when the server stays away', async () => {
    const server = await served();
    const socket = connected(server.url);
    const channel = await socket.join('test:a');
    const reading = failure(channel.events().next());
    const waiting = server.kill();
    const pushed = failure(channel.push('echo', 1, { timeout: 600_000 }));
    await waiting;
    expect(await reading).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(['RIG_CHANNEL_CLOSED', 'RIG_UNREACHABLE']).toContain((await pushed).code);
    expect(socket.state.state).toBe('closed');
  });

  it('fails even the patient when the sign-in has ended', async () => {
    const first = await served();
    let token = 'good';
    const socket = connected(first.url, { token: async () => token });
    const channel = await socket.join('test:a', {}, { patient: true });
    token = 'bad';
    first.endpoint.disconnect('all');
    expect(await failure(channel.events().next())).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
  });

  it('is noticed by the heartbeats when the server only falls silent', async () => {
    const server = await served();
    const socket = connected(server.url, { heartbeatMs: 200 });
    const channel = await socket.join('test:a');
    const gone = reached(socket, 'reconnecting');
    const back = reached(socket, 'open');
    // A join that hangs keeps the whole socket from being served, as a stuck server would.
    const stuck = failure(socket.join('test:b', { hang: true }, { timeout: 2000 }));
    const pushed = failure(channel.push('echo', {}, { timeout: 600_000 }));
    await gone;
    expect(await pushed).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
    await back;
    expect((await stuck).code).toMatch(/^RIG_(TIMEOUT|CHANNEL_CLOSED)$/);
  });
});

describe('a server that misbehaves', () => {
  it('may send what is no message: the connection is made anew, nothing else happens', async () => {
    let connections = 0;
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'phoenix' });
    open.push(() => new Promise((resolve) => wss.close(resolve)));
    wss.on('connection', (peer) => {
      connections += 1;
      peer.on('message', (data: Buffer) => {
        if (connections === 1) {
          peer.send('{"not":"a message"');
          return;
        }
        const [joinRef, ref, topic] = JSON.parse(data.toString()) as [string, string, string];
        peer.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: { at: connections } }]));
      });
    });
    await new Promise((resolve) => wss.once('listening', resolve));
    const socket = connected(`http://127.0.0.1:${(wss.address() as AddressInfo).port}`);
    expect((await socket.join('any:topic')).joined).toEqual({ at: 2 });
  });

  it('may drop each connection as soon as it is made: the join fails', async () => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'phoenix' });
    open.push(() => new Promise((resolve) => wss.close(resolve)));
    wss.on('connection', (peer) => peer.close(1011));
    await new Promise((resolve) => wss.once('listening', resolve));
    const socket = connected(`http://127.0.0.1:${(wss.address() as AddressInfo).port}`);
    expect(await failure(socket.join('any:topic'))).toMatchObject({ code: 'RIG_CHANNEL_CLOSED' });
  });

  it('may be no Max at all', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('<html>'));
    server.on('upgrade', (_request, stream) => stream.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => server.close(resolve)));
    const socket = connected(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await failure(socket.join('any:topic'))).toMatchObject({
      code: 'RIG_UNREACHABLE',
      message: expect.stringContaining('it answers 404') as string,
    });
  });

  it('does not suffer from a listener that throws: the error comes out where the command waits', async () => {
    const server = await served();
    const socket = connected(server.url);
    socket.onState(({ state }) => {
      if (state === 'open') throw new Error('bad listener');
    });
    expect((await failure(socket.join('test:a', { hang: true }))).message).toBe('bad listener');
  });
});
