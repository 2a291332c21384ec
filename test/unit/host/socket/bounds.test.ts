import { setTimeout as delay } from 'node:timers/promises';
import { GAP_EVENT } from '@rig/plugin-api';
import { afterEach, expect, it } from 'vitest';
import type { HostSocket, SocketOptions } from '../../../../host/src/socket/index.ts';
import { heapAfterGc } from '../../../fuzz/heap.ts';
import { ChaosProxy } from '../../../support/chaos-proxy.ts';
import { client, failure, type ServedChannels, serveChannels } from './serve-channels.ts';

const open: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function talk(
  options: Partial<SocketOptions> = {},
): Promise<{ server: ServedChannels; proxy: ChaosProxy; socket: HostSocket }> {
  const server = await serveChannels();
  const proxy = await ChaosProxy.to(server.port);
  const socket = client(proxy.url, options);
  open.push(
    () => server.kill().catch(() => {}),
    () => proxy.close(),
    () => socket.dispose(),
  );
  return { server, proxy, socket };
}

it('what the other end does not read waits within a bound, and goes out in order when it reads again', async () => {
  const { server, proxy, socket } = await talk({ heartbeatMs: 120_000 });
  const channel = await socket.join('test:a');
  proxy.rule('socket', { blackHole: true });
  const text = 'x'.repeat(100_000);
  // Far more than the system takes for a connection.
  const pushes = Array.from({ length: 600 }, (_, n) =>
    channel.push<{ n: number }>('echo', { n, text }, { timeout: 120_000 }).then(
      (reply) => reply.n,
      (error: { code?: string }) => error.code,
    ),
  );
  channel.send('ack', 'dropped for want of room');
  expect(() => channel.send('ack', text, { offline: 'fail' })).toThrowError(
    expect.objectContaining({ code: 'RIG_OFFLINE' }),
  );
  const { waitingPushes } = socket.health();
  expect(waitingPushes).toBeGreaterThan(0);
  expect(waitingPushes).toBeLessThanOrEqual(11);
  proxy.rule('socket', {});
  const answers = await Promise.all(pushes);
  const sent = answers.filter((answer) => typeof answer === 'number');
  expect(sent).toEqual(sent.map((_, n) => n));
  expect(new Set(answers.slice(sent.length))).toEqual(new Set(['RIG_OFFLINE']));
  expect(socket.health().waitingPushes).toBe(0);
  expect(await channel.push('echo', 1)).toBe(1);
  expect(server.seen.acks).toHaveLength(1);
});

it('what waits for room is forgotten with the connection, unless it is to be kept', async () => {
  const { server, proxy, socket } = await talk({ heartbeatMs: 120_000 });
  const channel = await socket.join('test:a', {}, { patient: true });
  proxy.rule('socket', { blackHole: true });
  const text = 'x'.repeat(500_000);
  const lost: Array<Promise<{ code?: string } | undefined>> = [];
  // One by one, until the system takes no more of them.
  for (let full = 0; full < 3; full = socket.health().waitingPushes === 0 ? 0 : full + 1) {
    if (full === 0) lost.push(failure(channel.push('echo', text, { timeout: 120_000 })));
    await delay(20);
  }
  channel.send('ack', 'forgotten');
  channel.send('ack', 'kept', { offline: 'keep' });
  proxy.cut('socket');
  proxy.rule('socket', {});
  expect((await lost[0])?.code).toBe('RIG_CHANNEL_CLOSED');
  await channel.push('echo', 1, { timeout: 60_000 });
  expect(server.seen.acks).toEqual(['kept']);
});

it('memory stays flat while 200,000 events come to a reader that takes a few', async () => {
  const { server, socket } = await talk({ heartbeatMs: 120_000 });
  const channel = await socket.join('test:a', {}, { overflow: 'drop-oldest', mostUnread: 1000 });
  const events = channel.events<{ n: number; dropped: number }>();
  const before = await heapAfterGc();
  let got = 0;
  let dropped = 0;
  const take = async (): Promise<void> => {
    const { value } = await events.next();
    if (value?.event === GAP_EVENT) dropped += value.payload.dropped;
    else got += 1;
  };
  const text = 'x'.repeat(400);
  for (let n = 0; n < 200_000; n += 2000) {
    for (let m = n; m < n + 2000; m += 1) server.endpoint.broadcast('test:a', 'n', { n: m, text });
    await channel.push('echo', {}, { timeout: 120_000 });
    for (let taken = 0; taken < 3; taken += 1) await take();
  }
  // All of them are 80 MiB and more; what may wait is less than one.
  expect((await heapAfterGc()) - before).toBeLessThan(20);
  for (let left = socket.health().unread; left > 0; left -= 1) await take();
  expect(got + dropped).toBe(200_000);
});
