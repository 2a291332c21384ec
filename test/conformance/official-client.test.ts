import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';
import { next, OfficialClient, type OfficialOptions, settled } from './official-client.ts';
import { type ReferenceProcess, startReferenceProcess } from './reference-process.ts';

const clients: OfficialClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

function connect(url: string, options: OfficialOptions): OfficialClient {
  const client = new OfficialClient(url, options);
  clients.push(client);
  return client;
}

const GOOD = { params: { token: 'good' } };

describe('the official client and the reference channels in another process', () => {
  let server: ReferenceProcess;
  beforeAll(async () => {
    server = await startReferenceProcess();
  });
  afterAll(() => server.end('SIGKILL'));

  const connected = (options: OfficialOptions = GOOD, mount = '/socket') =>
    connect(`ws://127.0.0.1:${server.port}${mount}`, options);
  const administer = (path: string) =>
    new Promise((resolve, reject) =>
      request({ port: server.port, path: `/admin/${path}` }, (response) => response.resume().once('end', resolve))
        .on('error', reject)
        .end(),
    );

  it('joins, pushes, hears a broadcast and leaves', async () => {
    const [one, other] = [connected(), connected({ authToken: 'good' })];
    const [room, also] = [await one.join('room:1'), await other.join('room:1')];
    const heard = next(also, 'shout');
    expect(await settled(room.push('shout', { text: 'hello' }))).toEqual({});
    expect(await heard).toEqual({ text: 'hello' });
    const answer = { x: [1, null, 'ü'] };
    expect(await settled((await one.join('echo:1')).push('any', answer))).toEqual(answer);
    await expect(one.join('deny:1')).rejects.toEqual({ reason: 'unauthorized' });
    await expect(one.join('nothing:1')).rejects.toEqual({ reason: 'unmatched topic' });
    await settled(also.leave());
  });

  it('joins again after the channel has crashed', async () => {
    const client = connected();
    const channel = await client.join('echo:1');
    const crashed = new Promise((resolve) => channel.onError(resolve));
    const again = new Promise((resolve) => channel.on('phx_reply', resolve));
    channel.push('crash', {});
    await crashed;
    await again;
    expect(await settled(channel.push('hi', { after: 'crash' }))).toEqual({ after: 'crash' });
    expect(client.seen).toEqual(['open']);
  });

  it('comes back when it is kicked, and hears what comes after', async () => {
    const client = connected({ params: { token: 'good', user: 'ann' } });
    const channel = await client.join('room:1');
    await administer('disconnect/ann');
    await client.until('closed 1001');
    await client.until('open', 2);
    await expect.poll(() => channel.state).toBe('joined');
    const heard = next(channel, 'news');
    await administer('broadcast/room:1/news');
    expect(await heard).toEqual({ from: 'endpoint' });
  });

  it.each([
    ['SIGTERM', 'closed 1012'],
    ['SIGKILL', 'closed 1006'],
  ] as const)('comes back after a restart by %s', async (signal, seen) => {
    const client = connected();
    const channel = await client.join('echo:1');
    await server.end(signal);
    await client.until(seen);
    expect(client.seen.find((what) => what.startsWith('closed'))).toBe(seen);
    server = await startReferenceProcess(server.port);
    await client.until('open', 2);
    expect(await settled(channel.push('hi', { after: signal }))).toEqual({ after: signal });
  });

  it('is closed when it is idle', async () => {
    const client = connected(GOOD, '/socket_short');
    const channel = await client.join('echo:1');
    await client.until('closed 1002');
    await client.until('open', 2);
    expect(await settled(channel.push('hi', {}))).toEqual({});
  });

  it('is not let in with a bad token', async () => {
    for (const options of [{ params: { token: 'bad' } }, { authToken: 'bad' }, {}]) {
      const client = connected(options);
      await client.until('closed 1006', 2);
      expect(client.seen).not.toContain('open');
    }
  });

  it('replaces a channel by a second one of the same topic', async () => {
    const client = connected();
    const first = await client.join('echo:1');
    const second = client.socket.channel('echo:1', {});
    const closed = new Promise((resolve) => first.onClose(resolve));
    await Promise.all([settled(second.join()), closed]);
    expect(await settled(second.push('hi', { of: 'second' }))).toEqual({ of: 'second' });
    expect(first.state).toBe('closed');
  });

  it('sends and gets bytes', async () => {
    const channel = await connected().join('bin:1');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256).buffer;
    const pushed = next(channel, 'pushed');
    const answer = (await settled(channel.push('push', bytes))) as ArrayBuffer;
    expect(Buffer.from(answer).equals(Buffer.from(bytes))).toBe(true);
    expect(Buffer.from((await pushed) as ArrayBuffer).equals(Buffer.from(bytes))).toBe(true);
    expect(await settled(channel.push('size', bytes))).toEqual({ size: 70_000 });
  });
});

describe('the official client and a real Max', () => {
  let max: RunningMax;
  let topic = '';
  beforeAll(async () => {
    max = await startMax();
    topic = `user:${((await ask('/v1/whoami')) as { user: { id: string } }).user.id}`;
  });
  afterAll(() => max.stop());

  const connected = (authToken: string) => connect(`ws://127.0.0.1:${max.port}/socket`, { authToken });
  async function ask(path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${max.url}${path}`, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return answer.headers.get('content-type')?.includes('json') ? answer.json() : answer.text();
  }
  const created = (event: unknown) => (event as { type: string; network: string }).network;

  it('hears of events, also after each kind of restart', async () => {
    const client = connected(max.token);
    const channel = await client.join(topic);
    for (const [round, signal] of ([undefined, 'SIGTERM', 'SIGKILL'] as const).entries()) {
      if (signal !== undefined) {
        const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
        process.kill(pid, signal);
        await client.until(signal === 'SIGTERM' ? 'closed 1012' : 'closed 1006');
        await rigOk(max.home, ['max', 'up']);
        await client.until('open', round + 1);
        await expect.poll(() => channel.state).toBe('joined');
      }
      const event = next(channel, 'event');
      await ask('/v1/networks', { name: `round-${round}` });
      expect(created(await event)).toBe(`round-${round}`);
    }
  });

  it('is refused what is not its own, and turned away once its token is revoked', async () => {
    const { id, token } = (await ask('/v1/tokens', { name: 'brief', scopes: ['read'] })) as Record<string, string>;
    const client = connected(token as string);
    await client.join(topic);
    await expect(client.join('user:somebody')).rejects.toMatchObject({ reason: 'forbidden' });
    await expect(client.join('app:none')).rejects.toMatchObject({ reason: 'not_found' });
    const headers = { authorization: `Bearer ${max.token}` };
    await fetch(`${max.url}/v1/tokens/${id}`, { method: 'DELETE', headers });
    await client.until('closed 1001');
    await client.until('closed 1006');
    expect(client.seen.filter((what) => what === 'open')).toHaveLength(1);
  });

  it('is not let in with a token that is none, or without one', async () => {
    for (const client of [connected('none'), connect(`ws://127.0.0.1:${max.port}/socket`, {})]) {
      await client.until('closed 1006', 2);
      expect(client.seen).not.toContain('open');
    }
  });
});
