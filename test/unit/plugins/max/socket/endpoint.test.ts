import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  Channel,
  type ChannelFactory,
  type HandlerResult,
  type MountOptions,
  ok,
  type Reply,
  type ReplyRef,
} from '../../../../../plugins/max/src/socket/index.ts';
import { PeerSocket } from '../../../../../plugins/max/src/socket/peer-socket.ts';
import { type Mounted, mounted } from './wire-client.ts';

const open: Mounted[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of open.splice(0)) await server.close();
});

type Handler = (
  channel: TestChannel,
  event: string,
  payload: unknown,
  ref: ReplyRef,
) => ReturnType<Channel['handleIn']>;

/** Does what the test says. */
class TestChannel extends Channel<undefined> {
  readonly #handler: Handler;
  readonly #ended: (reason: string) => void;

  constructor(handler: Handler, ended: (reason: string) => void) {
    super();
    this.#handler = handler;
    this.#ended = ended;
  }

  join(): Reply {
    return ok();
  }

  override handleIn(event: string, payload: unknown, ref: ReplyRef): HandlerResult | Promise<HandlerResult> {
    return this.#handler(this, event, payload, ref);
  }

  override terminate(reason: string): void {
    this.#ended(reason);
  }
}

interface Options extends Partial<Omit<MountOptions<undefined>, 'channels'>> {
  handler?: Handler;
  factory?: ChannelFactory<undefined>;
  ended?: (reason: string) => void;
}

async function serve({ handler = () => ok(), ended = () => {}, factory, ...options }: Options = {}): Promise<Mounted> {
  const make = factory ?? (() => new TestChannel(handler, ended));
  const server = await mounted({ channels: [['t:*', make]], ...options });
  open.push(server);
  return server;
}

const join = (topic: string, ref = '1') => [ref, ref, topic, 'phx_join', {}];
const accepted = (topic: string, ref = '1') => [ref, ref, topic, 'phx_reply', { response: {}, status: 'ok' }];

function gate(): { opened: Promise<void>; open(): void } {
  let release = () => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { opened, open: () => release() };
}

describe('a channel', () => {
  it('handles its messages one after the other, while another channel goes on', async () => {
    const blocked = gate();
    const seen: string[] = [];
    const server = await serve({
      async handler(channel, event) {
        if (event === 'wait') await blocked.opened;
        seen.push(`${channel.topic} ${event}`);
        return ok();
      },
    });
    const client = await server.connect();
    await client.ask(join('t:1', '1'));
    await client.ask(join('t:2', '2'));
    client.send(['1', '3', 't:1', 'wait', {}]);
    client.send(['1', '4', 't:1', 'after', {}]);
    expect(await client.ask(['2', '5', 't:2', 'other', {}])).toEqual(['2', '5', 't:2', 'phx_reply', expect.anything()]);
    blocked.open();
    await client.frame();
    await client.frame();
    expect(seen).toEqual(['t:2 other', 't:1 wait', 't:1 after']);
  });

  it('ends with phx_error when an async handler rejects, and says so to the server alone', async () => {
    const failed = new Error('a secret cause');
    const server = await serve({ handler: () => Promise.reject(failed) });
    const client = await server.connect();
    await client.ask(join('t:1'));
    const frame = await client.ask(['1', '2', 't:1', 'any', {}]);
    expect(frame).toEqual(['1', '1', 't:1', 'phx_error', { reason: 'channel_crash' }]);
    expect(server.problems).toEqual([{ cause: failed, topic: 't:1', during: 'handler' }]);
  });

  it('is told of its end once, after the handler that still runs, whose signal is aborted', async () => {
    const blocked = gate();
    const started = gate();
    const log: string[] = [];
    const done = gate();
    const server = await serve({
      async handler(channel) {
        channel.signal.addEventListener('abort', () => log.push('aborted'));
        started.open();
        await blocked.opened;
        log.push('handled');
        channel.push('lost', {});
        return ok();
      },
      ended(reason) {
        log.push(reason);
        done.open();
      },
    });
    const client = await server.connect();
    await client.ask(join('t:1'));
    client.send(['1', '2', 't:1', 'any', {}]);
    await started.opened;
    client.ws.terminate();
    await expect.poll(() => log).toContain('aborted');
    blocked.open();
    await done.opened;
    expect(log).toEqual(['aborted', 'handled', 'closed']);
    expect(server.problems).toEqual([]);
  });

  it('can be ended from outside a handler', async () => {
    let channel: Channel<undefined> | undefined;
    const reasons: string[] = [];
    const server = await serve({
      handler(self) {
        channel = self;
        return ok();
      },
      ended: (reason) => reasons.push(reason),
    });
    const client = await server.connect();
    await client.ask(join('t:1'));
    await client.ask(['1', '2', 't:1', 'any', {}]);
    channel?.close('shutdown');
    expect(await client.frame()).toEqual(['1', '1', 't:1', 'phx_close', {}]);
    await expect.poll(() => reasons).toEqual(['shutdown']);
  });

  it('whose factory throws refuses the join', async () => {
    const server = await serve({
      factory: () => {
        throw new Error('no such app');
      },
    });
    const client = await server.connect();
    expect(await client.ask(join('t:1'))).toEqual([
      '1',
      '1',
      't:1',
      'phx_reply',
      { status: 'error', response: { reason: 'join crashed' } },
    ]);
  });
});

describe('a slow client', () => {
  const chunk = Buffer.alloc(256 * 1024);

  it('lets the channel wait until it has taken enough', async () => {
    const log: string[] = [];
    const server = await serve({
      async handler(channel) {
        while (channel.socket.bufferedAmount < 8 * chunk.length) channel.push('data', chunk);
        log.push('full');
        await channel.drained(0);
        log.push(`drained to ${channel.socket.bufferedAmount}`);
        return ok();
      },
    });
    const client = await server.connect();
    await client.ask(join('t:1'));
    client.ws.pause();
    client.send(['1', '2', 't:1', 'any', {}]);
    await expect.poll(() => log).toEqual(['full']);
    client.ws.resume();
    let frame = await client.frame();
    while (Buffer.isBuffer(frame)) frame = await client.frame();
    expect(frame).toEqual(['1', '2', 't:1', 'phx_reply', expect.anything()]);
    expect(log).toEqual(['full', 'drained to 0']);
  });

  it('is cut off when too much waits for it, and whoever waited is told', async () => {
    const outcomes: unknown[] = [];
    const reasons: string[] = [];
    const server = await serve({
      maxBufferedBytes: 4 * 1024 * 1024,
      async handler(channel) {
        while (channel.socket.bufferedAmount < 3 * 1024 * 1024) channel.push('data', chunk);
        const waiting = channel.drained(0).catch((cause: unknown) => outcomes.push((cause as Error).name));
        while (!channel.signal.aborted) channel.push('data', chunk);
        await waiting;
        return ok();
      },
      ended: (reason) => reasons.push(reason),
    });
    const client = await server.connect();
    await client.ask(join('t:1'));
    client.ws.pause();
    client.send(['1', '2', 't:1', 'any', {}]);
    await expect.poll(() => reasons).toEqual(['closed']);
    expect(outcomes).toEqual(['AbortError']);
    expect(server.problems).toEqual([
      { cause: expect.any(RangeError) as RangeError, topic: undefined, during: 'send' },
    ]);
    client.ws.resume();
    expect(await client.closed).toBe(1006);
  });
});

describe('a socket', () => {
  it('has no more channels than it may', async () => {
    const server = await serve({ maxChannels: 2 });
    const client = await server.connect();
    expect(await client.ask(join('t:1', '1'))).toEqual(accepted('t:1', '1'));
    expect(await client.ask(join('t:2', '2'))).toEqual(accepted('t:2', '2'));
    const refused = { response: { reason: 'too many channels', limit: 2 }, status: 'error' };
    expect(await client.ask(join('t:3', '3'))).toEqual(['3', '3', 't:3', 'phx_reply', refused]);
    expect(await client.ask(join('t:2', '4'))).toEqual(accepted('t:2', '4'));
    expect(await client.frame()).toEqual(['2', '2', 't:2', 'phx_close', {}]);
    client.send(['1', '5', 't:1', 'phx_leave', {}]);
    await client.frame();
    await client.frame();
    expect(await client.ask(join('t:3', '6'))).toEqual(accepted('t:3', '6'));
  });

  it('is read no faster than it may send, and nothing of it is lost', async () => {
    const server = await serve({
      maxFramesPerSecond: 400,
      idleTimeoutMs: 300,
      handler: (_channel, _event, n) => ok(n),
    });
    const client = await server.connect();
    const paused = vi.spyOn(PeerSocket.prototype, 'pause');
    await client.ask(join('t:1'));
    for (let n = 0; n < 600; n += 1) client.send(['1', `${n}`, 't:1', 'echo', { n }]);
    for (let n = 0; n < 600; n += 1) {
      expect(await client.frame()).toEqual(['1', `${n}`, 't:1', 'phx_reply', { response: { n }, status: 'ok' }]);
    }
    expect(paused).toHaveBeenCalled();
    expect(await client.ask([null, 'h', 'phoenix', 'heartbeat', {}])).toEqual([
      ...[null, 'h', 'phoenix', 'phx_reply'],
      { response: {}, status: 'ok' },
    ]);
  });

  it.each([
    ['by their number', 3000, 10],
    ['by their bytes', 60, 500_000],
  ])('is read no further while its channel has not handled what came, %s', async (_by, count, bytes) => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const server = await serve({
      handler: async (_channel, _event, payload) => {
        await gate;
        return ok({ n: (payload as { n: number }).n });
      },
    });
    const client = await server.connect();
    const paused = vi.spyOn(PeerSocket.prototype, 'pause');
    paused.mockClear();
    await client.ask(join('t:1'));
    const text = 'x'.repeat(bytes);
    for (let n = 0; n < count; n += 1) client.send(['1', `${n}`, 't:1', 'echo', { n, text }]);
    await expect.poll(() => paused.mock.calls.length).toBe(1);
    go();
    for (let n = 0; n < count; n += 1)
      expect(await client.frame()).toEqual(['1', `${n}`, 't:1', 'phx_reply', { response: { n }, status: 'ok' }]);
    expect(await client.ask([null, 'h', 'phoenix', 'heartbeat', {}])).toEqual([
      ...[null, 'h', 'phoenix', 'phx_reply'],
      { response: {}, status: 'ok' },
    ]);
  });

  it('is closed by its id, with a code after which clients come back', async () => {
    const server = await serve();
    const client = await server.connect();
    server.endpoint.disconnect('somebody else');
    expect(await client.ask(join('t:1'))).toEqual(accepted('t:1'));
    server.endpoint.disconnect('me');
    expect(await client.closed).toBe(1001);
    await expect.poll(() => server.endpoint.socketCount).toBe(0);
  });

  it('is not let in from a foreign web page', async () => {
    const server = await serve();
    await expect(server.connect({ origin: 'http://evil.example' })).rejects.toThrow('403');
  });
});

describe('an endpoint that stops', () => {
  it('closes with 1012 where channels are joined and 1000 elsewhere, and waits for their ends', async () => {
    const reasons: string[] = [];
    const server = await serve({ ended: (reason) => reasons.push(reason) });
    const busy = await server.connect();
    const idle = await server.connect();
    await busy.ask(join('t:1'));
    await server.endpoint.stop();
    expect(reasons).toEqual(['closed']);
    expect(await busy.closed).toBe(1012);
    expect(await idle.closed).toBe(1000);
    expect(server.endpoint.socketCount).toBe(0);
    await expect(server.connect()).rejects.toThrow('503');
  });

  it('does not wait for ever for a client that does not answer', async () => {
    const server = await serve();
    const client = await server.connect();
    await client.ask(join('t:1'));
    client.ws.pause();
    await server.endpoint.stop();
    client.ws.resume();
    expect([1006, 1012]).toContain(await client.closed);
  });
});
