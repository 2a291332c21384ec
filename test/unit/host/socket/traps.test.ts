import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Socket as OfficialSocket } from 'phoenix';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HostSocket } from '../../../../host/src/socket/index.ts';
import { client, failure, type ServedChannels, serveChannels } from './serve-channels.ts';

const open: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of open.splice(0).reverse()) await close();
});

async function talk(): Promise<{ server: ServedChannels; socket: HostSocket }> {
  const server = await serveChannels();
  open.push(() => server.kill().catch(() => {}));
  const socket = client(server.url);
  open.push(() => socket.dispose());
  return { server, socket };
}

/**
 * What the official client does on Node that a command must not suffer from. The others have their tests where they
 * belong: bytes of every realm, pushes that are never rejected, a leave that is answered too early (socket.test.ts);
 * retries without end, frames that are none, heartbeats (reconnect.test.ts); what keeps a process alive
 * (leftovers.test.ts).
 */
describe('the official client', () => {
  it('takes long polling where the global WebSocket is missing: here it never does', async () => {
    vi.stubGlobal('WebSocket', undefined);
    const { server, socket } = await talk();
    await socket.join('test:a');
    expect(server.seen.requests.map(({ url, headers }) => [url, headers.upgrade])).toEqual([
      ['/socket/websocket?vsn=2.0.0', 'websocket'],
    ]);
    vi.unstubAllGlobals();
  });

  it('walks its list of unanswered pushes for each message: here that list does not grow', async () => {
    const made: Array<{ bindings: unknown[] }> = [];
    const real = OfficialSocket.prototype.channel;
    vi.spyOn(OfficialSocket.prototype, 'channel').mockImplementation(function (this: OfficialSocket, ...args) {
      const channel = real.apply(this, args);
      made.push(channel as never);
      return channel;
    });
    const { socket } = await talk();
    const channel = await socket.join('test:a');
    const before = made[0]?.bindings.length;
    const silent = Array.from({ length: 500 }, () => failure(channel.push('silent', {}, { timeout: 60_000 })));
    await channel.push('echo', {});
    expect(before).toBeGreaterThan(0);
    expect(made[0]?.bindings).toHaveLength(before as number);
    await channel.leave();
    await Promise.all(silent);
  });

  it('stayed away after a close with 1000 in older versions: this one comes back', async () => {
    const peers: WebSocket[] = [];
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'phoenix' });
    open.push(() => new Promise((resolve) => server.close(resolve)));
    server.on('connection', (peer) => {
      peers.push(peer);
      peer.on('message', (data: Buffer) => {
        const [joinRef, ref, topic] = JSON.parse(data.toString()) as [string, string, string];
        peer.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: peers.length }]));
      });
    });
    await once(server, 'listening');
    const socket = client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    open.push(() => socket.dispose());
    const channel = await socket.join('test:a', {}, { patient: true });
    const states: string[] = [];
    const gone = new Promise<void>((resolve) => {
      socket.onState(({ state }) => {
        states.push(state);
        resolve();
      });
    });
    peers[0]?.close(1000);
    await gone;
    expect(await channel.push('echo', 1, { timeout: 60_000 })).toBe(2);
    expect(states).toEqual(['reconnecting', 'open']);
  });
});
