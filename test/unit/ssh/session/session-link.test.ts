import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  joinSession,
  type LinkState,
  type SessionLink,
  type StreamHole,
} from '../../../../plugins/ssh/src/session/index.ts';
import { ChaosProxy, CUT_KINDS } from '../../../support/chaos-proxy.ts';
import { PeerSession, type ServedSessions, serveSessions, until } from './session-peer.ts';

let served: ServedSessions;
let proxy: ChaosProxy;
beforeAll(async () => {
  served = await serveSessions();
  proxy = await ChaosProxy.to(served.port);
});
afterAll(async () => {
  await served.close();
  await proxy.close();
});

let count = 0;
/** A session, and a client that has joined it through the proxy. */
async function joined(
  options: { window?: number; patience?: number } = {},
): Promise<{ peer: PeerSession; link: SessionLink; states: LinkState[]; holes: StreamHole[]; id: string }> {
  count += 1;
  const id = `ses_${count}`;
  const peer = new PeerSession(options.window);
  served.sessions.set(id, peer);
  const link = await joinSession(served.services(proxy.port), id, {
    terminal: { columns: 80, rows: 24 },
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  const states: LinkState[] = [];
  const holes: StreamHole[] = [];
  link.onState((state) => states.push(state));
  link.onHole((hole) => holes.push(hole));
  return { peer, link, states, holes, id };
}

async function all(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a session of a client', () => {
  it('carries bytes both ways, streams apart, and ends with what Max says', async () => {
    const { peer, link } = await joined();
    const [out, err] = [all(link.stdout), all(link.stderr)];
    await link.write(Buffer.from([0, 255, 10, 13]));
    await link.write(Buffer.from('日本'));
    link.end();
    await until(peer, () => peer.stdinEnd !== undefined);
    expect(peer.input).toEqual(Buffer.concat([Buffer.from([0, 255, 10, 13]), Buffer.from('日本')]));
    expect(peer.stdinEnd).toBe(10);
    peer.write('to out');
    peer.write('to err', 'stderr');
    peer.finish({ code: 3 });
    expect(await link.ended).toMatchObject({ reason: 'exited', code: 3 });
    expect(String(await out)).toBe('to out');
    expect(String(await err)).toBe('to err');
  });

  it('tells its size, resizes and signals', async () => {
    const { peer, link } = await joined();
    expect(peer.joins).toEqual([{ terminal: { columns: 80, rows: 24 } }]);
    link.resize({ columns: 100, rows: 30 });
    link.signal('SIGINT');
    await until(peer, () => peer.told.length === 2);
    expect(peer.told).toEqual([
      ['resize', { columns: 100, rows: 30 }],
      ['signal', { signal: 'SIGINT' }],
    ]);
    peer.finish();
    await link.ended;
  });

  it('writes no more than the window to a program that does not read', async () => {
    const { peer, link } = await joined({ window: 1000 });
    peer.isReading = false;
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 30; i++) {
        await link.write(Buffer.alloc(100, i));
        written += 100;
      }
    })();
    await until(peer, () => peer.taken === 1000);
    // Whatever could still come has come once a later message is there.
    link.signal('SIGUSR1');
    await until(peer, () => peer.told.length === 1);
    expect([peer.taken, written]).toEqual([1000, 1000]);
    peer.read();
    await writing;
    await until(peer, () => peer.taken === 3000);
    expect(peer.input).toEqual(Buffer.concat(Array.from({ length: 30 }, (_, i) => Buffer.alloc(100, i))));
    peer.finish();
    await link.ended;
  });

  it('acknowledges what its reader has dealt with, and nothing else', async () => {
    const { peer, link } = await joined({ window: 4000 });
    peer.write(Buffer.alloc(20_000, 'x'));
    const reader = link.stdout[Symbol.asyncIterator]();
    const { value: first } = await reader.next();
    expect((first as Buffer).length).toBe(4000);
    link.signal('SIGUSR1');
    await until(peer, () => peer.told.length === 1);
    expect(peer.acks).toEqual([]);
    let length = 4000;
    const rest = all({ [Symbol.asyncIterator]: () => reader });
    await until(peer, () => peer.acks.some(({ stdout }) => stdout === 20_000));
    peer.finish();
    length += (await rest).length;
    expect(length).toBe(20_000);
    expect(peer.acks[0]).toEqual({ stdout: 4000 });
  });

  it('loses no byte and doubles none, however often it is cut in whatever way', async () => {
    const { peer, link, states } = await joined();
    const sent = randomBytes(1_000_000);
    const echo = randomBytes(1_000_000);
    const out = all(link.stdout);
    let written = 0;
    // The program writes as the client's bytes come, so that both directions are busy at every cut.
    peer.onStdin = (bytes) => {
      peer.write(echo.subarray(written, written + bytes.length));
      written += bytes.length;
    };
    const writing = (async () => {
      for (let at = 0; at < sent.length; ) {
        const size = proxy.random.between(1, 5000);
        await link.write(sent.subarray(at, at + size));
        at += size;
      }
      link.end();
    })();
    for (let cut = 1; cut <= 20; cut++) {
      await until(peer, () => peer.taken > (sent.length / 22) * cut);
      const how = CUT_KINDS[cut % 2] as (typeof CUT_KINDS)[number];
      const joins = peer.joins.length;
      if (cut % 3 === 0) proxy.cutAfter('socket', proxy.random.between(1, 9000), how);
      else proxy.cut('socket', how);
      await until(peer, () => peer.joins.length > joins);
    }
    await writing;
    await until(peer, () => peer.stdinEnd !== undefined);
    await until(peer, () => written === echo.length);
    peer.finish();
    expect(await link.ended).toMatchObject({ reason: 'exited' });
    expect(peer.stdinEnd).toBe(sent.length);
    expect(digest(peer.input)).toBe(digest(sent));
    expect(digest(await out)).toBe(digest(echo));
    expect(peer.joins.length).toBeGreaterThanOrEqual(21);
    // A cut that comes before the one before it is mended is no news.
    expect(states.filter(({ state }) => state === 'lost').length).toBeGreaterThan(1);
    expect(states.at(-1)).toEqual({ state: 'open' });
  });

  it('says what is missing where Max could not keep it', async () => {
    const { peer, link, holes } = await joined({ window: 100 });
    const chunks: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of link.stdout) chunks.push(Buffer.from(chunk));
    })();
    peer.write('a'.repeat(40));
    await until(peer, () => peer.acks.length === 1);
    const joins = peer.joins.length;
    proxy.cut('socket');
    await until(peer, () => peer.channel === undefined);
    peer.write('b'.repeat(40));
    peer.forget(30);
    await until(peer, () => peer.joins.length > joins);
    peer.write('c');
    peer.closeStream('stdout');
    peer.finish();
    await link.ended;
    await reading;
    expect(holes).toEqual([{ stream: 'stdout', from: 40, to: 70 }]);
    expect(String(Buffer.concat(chunks))).toBe(`${'a'.repeat(40)}${'b'.repeat(10)}c`);
  });

  it('tells a size again that changed while there was no connection', async () => {
    const { peer, link } = await joined();
    proxy.cut('socket');
    await until(peer, () => peer.channel === undefined);
    link.resize({ columns: 132, rows: 50 });
    await until(peer, () => peer.joins.length === 2);
    expect(peer.joins[1]).toEqual({ received: { stdout: 0, stderr: 0 }, terminal: { columns: 132, rows: 50 } });
    peer.finish();
    await link.ended;
  });

  it('drops what nobody reads any more', async () => {
    const { peer, link } = await joined({ window: 10 });
    peer.isReading = false;
    const writing = link.write(Buffer.alloc(100));
    await until(peer, () => peer.taken === 10);
    peer.tell('eof', { stream: 'stdin', at: 10 });
    await writing;
    expect(link.isWritable).toBe(false);
    await link.write(Buffer.from('more'));
    peer.finish();
    await link.ended;
    expect(peer.taken).toBe(10);
  });
});

describe('a session that is no more', () => {
  it('is given up when the connection does not come back in time', async () => {
    const own = await ChaosProxy.to(served.port);
    served.sessions.set('ses_lost', new PeerSession());
    const link = await joinSession(served.services(own.port), 'ses_lost', { patience: 300 });
    const states: LinkState[] = [];
    link.onState((state) => states.push(state));
    await own.close();
    await expect(link.ended).rejects.toMatchObject({
      code: 'RIG_SESSION_LOST',
      exitCode: 6,
      hint: expect.stringContaining('rig shell --attach ses_lost'),
    });
    expect(states[0]).toMatchObject({ state: 'lost', seconds: 0 });
    await expect(link.write(Buffer.from('x'))).resolves.toBeUndefined();
  });

  it('says how it ended while there was no connection', async () => {
    const { peer, link } = await joined();
    peer.refusal = { status: 409, code: 'RIG_SESSION_ENDED', title: 'Ended', detail: 'it has ended' };
    peer.end = { reason: 'max-stopped', code: null, signal: null, durationMs: 5 };
    proxy.cut('socket');
    expect(await link.ended).toMatchObject({ reason: 'max-stopped' });
  });

  it('says that Max knows it no more', async () => {
    const { link, id } = await joined();
    served.sessions.delete(id);
    proxy.cut('socket');
    await expect(link.ended).rejects.toMatchObject({
      code: 'RIG_SESSION_LOST',
      exitCode: 6,
      message: expect.stringContaining('the shell in api.shop is lost: Max has no such session any more'),
    });
  });

  it('is left to another client that takes it over', async () => {
    const { peer, link } = await joined();
    peer.tell('taken', {});
    await expect(link.ended).rejects.toMatchObject({ code: 'RIG_SESSION_TAKEN', exitCode: 5 });
    await until(peer, () => peer.channel === undefined);
    expect(peer.joins.length).toBe(1);
  });

  it('was never there', async () => {
    await expect(joinSession(served.services(), 'ses_none')).rejects.toMatchObject({ code: 'RIG_SESSION_NOT_FOUND' });
  });
});
