import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Silence } from '../../../../host/src/http/silence.ts';
import { upload } from '../../../../host/src/http/upload.ts';
import { client, failure, json, serve } from './serve.ts';

const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const talk = async (handler: Parameters<typeof serve>[0], options = {}) => {
  const served = await serve(handler);
  const http = client(served.url, options);
  closing.push(
    () => served.close(),
    () => http.dispose(),
  );
  return { served, http };
};
const MIB = 1024 * 1024;

describe('a streamed upload', () => {
  it('arrives whole and is never held in memory', async () => {
    const received = createHash('sha256');
    let ahead = 0;
    let most = 0;
    const { served, http } = await talk(async (request, response) => {
      for await (const part of request) {
        received.update(part);
        ahead -= part.length;
      }
      json(response, 200, { received: 1, missing: 0 });
    });
    const sent = createHash('sha256');
    const chunk = Buffer.alloc(MIB, 'x');
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 128; i += 1) {
          chunk.writeUInt32BE(i);
          const piece = Buffer.from(chunk);
          sent.update(piece);
          ahead += piece.length;
          most = Math.max(most, ahead);
          yield piece;
        }
      })(),
    );
    expect(await http.post('/v1/packs', { body, headers: { 'content-type': 'application/vnd.max.pack' } })).toEqual({
      received: 1,
      missing: 0,
    });
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(served.asked[0]?.headers).toMatchObject({
      'content-type': 'application/vnd.max.pack',
      'transfer-encoding': 'chunked',
    });
    // What the source gave and the server had not taken yet: socket buffers of the system and some chunks.
    expect(most).toBeLessThan(32 * MIB);
  });

  it('of bytes says its length', async () => {
    let size = 0;
    const { served, http } = await talk(async (request, response) => {
      for await (const part of request) size += part.length;
      json(response, 200, {});
    });
    await http.post('/v1/packs', { body: Buffer.alloc(300_000, 1) });
    expect(size).toBe(300_000);
    expect(served.asked[0]?.headers['content-length']).toBe('300000');
  });

  it('fails with the failure of its source', async () => {
    const { http } = await talk((request) => void request.resume());
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('part');
        throw Object.assign(new Error('the file has changed'), { code: 'EFILE' });
      })(),
    );
    expect(await failure(http.post('/v1/packs', { body: broken }))).toMatchObject({
      message: 'the file has changed',
      code: 'EFILE',
    });
  });

  it('that is refused before its end reads no further', async () => {
    const { http } = await talk((_, response) =>
      json(response, 404, { title: 't', detail: 'no such upload', code: 'RIG_UPLOAD_NOT_FOUND', requestId: 'r' }),
    );
    let ended = false;
    const endless = Readable.from(
      (async function* () {
        try {
          for (;;) yield Buffer.alloc(MIB);
        } finally {
          ended = true;
        }
      })(),
    );
    expect(await failure(http.post('/v1/packs', { body: endless }))).toMatchObject({
      code: 'RIG_UPLOAD_NOT_FOUND',
      exitCode: 3,
    });
    await new Promise<void>((resolve) => (endless.closed ? resolve() : endless.once('close', () => resolve())));
    expect(ended).toBe(true);
  });

  it('that the server cuts is RIG_UNREACHABLE', async () => {
    const { http } = await talk((request) => void request.once('data', () => request.socket.resetAndDestroy()));
    const endless = Readable.from(
      (async function* () {
        for (;;) yield Buffer.alloc(MIB);
      })(),
    );
    expect(await failure(http.post('/v1/packs', { body: endless }))).toMatchObject({
      code: 'RIG_UNREACHABLE',
      exitCode: 6,
    });
  });
});

describe('the clock of an upload', () => {
  afterEach(() => void vi.useRealTimers());

  it('rests while the source is waited for, and runs while the network has the next move', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silence = new Silence(100, () => {});
    const source = new PassThrough();
    const { stream } = upload(source, silence);
    silence.arm();
    const reader = stream[Symbol.asyncIterator]();
    const first = reader.next();
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(10_000);
    source.write('part');
    expect(String((await first).value)).toBe('part');
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(10_000);
    expect(silence.broken).toBe(false);
    source.end();
    expect((await reader.next()).done).toBe(true);
    // All is sent: now the answer is waited for.
    vi.advanceTimersByTime(101);
    expect(silence.broken).toBe(true);
  });
});
