import { describe, expect, test } from 'vitest';
import { type Http, REJOINED_EVENT, RigError } from '../../../../plugin-api/src/index.ts';
import type { Deployment } from '../../../../plugin-api/src/max/index.ts';
import { watchDeployment } from '../../../../plugins/deploy/src/follow/watch-deployment.ts';
import { scriptedSocket } from '../../../support/scripted-socket.ts';

const at = (seq: number, state: Deployment['state'], more: Partial<Deployment> = {}): Deployment => ({
  id: 'dep_1',
  app: 'api',
  network: 'shop',
  kind: 'deploy',
  stopped: false,
  state,
  seq,
  buildId: null,
  release: null,
  url: 'http://api.shop.localhost',
  failure: null,
  createdAt: '',
  updatedAt: '',
  ...more,
});

const down = new RigError({ code: 'RIG_UNREACHABLE', message: 'cannot reach Max', exitCode: 6 });

/** HTTP that answers a `GET` by a function, and counts. */
function httpOf(get: () => Deployment): { http: Http; asked: () => number } {
  let asked = 0;
  const http = {
    get: async () => {
      asked += 1;
      return get();
    },
  } as unknown as Http;
  return { http, asked: () => asked };
}

const base = {
  path: '/x',
  first: at(1, 'queued'),
  signal: new AbortController().signal,
  note: () => {},
  pollMs: 5,
  patienceMs: 1000,
};

async function states(source: AsyncIterable<Deployment>): Promise<string[]> {
  const seen: string[] = [];
  for await (const deployment of source) seen.push(`${deployment.seq} ${deployment.state}`);
  return seen;
}

describe('watchDeployment', () => {
  test('gives each newer state once and ends with the final one', async () => {
    const socket = scriptedSocket();
    const { http, asked } = httpOf(() => at(1, 'queued'));
    const seen = states(watchDeployment({ ...base, http, socket, pollMs: 60_000 }));
    const channel = await socket.nextJoin('deployment:dep_1');
    expect(channel.params()).toEqual({ after: 1 });
    expect(channel.options).toMatchObject({ patient: true });
    channel.accept({ deployment: at(2, 'building') });
    channel.emit('update', { deployment: at(2, 'building') });
    channel.emit('update', { deployment: at(3, 'releasing') });
    channel.emit('update', { deployment: at(4, 'healthy') });
    expect(await seen).toEqual(['1 queued', '2 building', '3 releasing', '4 healthy']);
    expect(channel.left).toBe(true);
    expect(asked()).toBe(0);
  });

  test('one that has ended needs neither socket nor HTTP', async () => {
    const { http, asked } = httpOf(() => at(1, 'queued'));
    expect(await states(watchDeployment({ ...base, http, socket: scriptedSocket(), first: at(9, 'failed') }))).toEqual([
      '9 failed',
    ]);
    expect(asked()).toBe(0);
  });

  test('what happened while the link was down comes with the answer to the next join', async () => {
    const socket = scriptedSocket();
    const { http, asked } = httpOf(() => at(1, 'queued'));
    const seen = states(watchDeployment({ ...base, http, socket, pollMs: 60_000 }));
    const channel = await socket.nextJoin('deployment:dep_1');
    expect(channel.options).toMatchObject({ rejoins: true });
    channel.accept({ deployment: at(2, 'building') });
    channel.emit(REJOINED_EVENT, { deployment: at(5, 'healthy') });
    expect(await seen).toEqual(['1 queued', '2 building', '5 healthy']);
    expect(asked()).toBe(0);
  });

  test('a socket that does not deliver is said once, HTTP goes on, and the topic is joined again', async () => {
    const socket = scriptedSocket();
    const said: string[] = [];
    const { http } = httpOf(() => at(2, 'building'));
    const note = (text: string) => void said.push(text);
    const seen = states(watchDeployment({ ...base, http, socket, joinMs: 5, note }));
    (await socket.nextJoin('deployment:dep_1')).refuse('RIG_TIMEOUT');
    const again = await socket.nextJoin('deployment:dep_1');
    await expect.poll(() => said).toEqual(['Asking Max by HTTP until its socket delivers again']);
    again.accept({ deployment: at(3, 'healthy') });
    expect(await seen).toEqual(['1 queued', '2 building', '3 healthy']);
    expect(said.slice(1)).toEqual(['The socket of Max delivers: no longer asking by HTTP']);
  });

  test('without a socket it is followed by HTTP', async () => {
    const socket = scriptedSocket();
    socket.setState({ state: 'reconnecting' });
    let seq = 1;
    const { http } = httpOf(() => {
      seq += 1;
      return at(seq, seq < 4 ? 'building' : 'healthy');
    });
    expect(await states(watchDeployment({ ...base, http, socket }))).toEqual([
      '1 queued',
      '2 building',
      '3 building',
      '4 healthy',
    ]);
  });

  test('a refused join is no end: HTTP goes on', async () => {
    const socket = scriptedSocket();
    const { http } = httpOf(() => at(2, 'healthy'));
    const seen = states(watchDeployment({ ...base, http, socket }));
    (await socket.nextJoin('deployment:dep_1')).refuse('RIG_JOIN_REFUSED');
    expect(await seen).toEqual(['1 queued', '2 healthy']);
  });

  test('Max killed and back: what was found then is the end', async () => {
    const socket = scriptedSocket();
    let asked = 0;
    const { http } = httpOf(() => {
      asked += 1;
      if (asked < 4) throw down;
      return at(7, 'failed');
    });
    socket.setState({ state: 'reconnecting' });
    expect(await states(watchDeployment({ ...base, http, socket }))).toEqual(['1 queued', '7 failed']);
  });

  test('Max killed and not back: says how to go on after a bounded time', async () => {
    const socket = scriptedSocket();
    socket.setState({ state: 'reconnecting' });
    const { http } = httpOf(() => {
      throw down;
    });
    await expect(states(watchDeployment({ ...base, http, socket, patienceMs: 30 }))).rejects.toMatchObject({
      code: 'RIG_UNREACHABLE',
      exitCode: 6,
      message: expect.stringContaining('dep_1'),
      hint: expect.stringContaining('rig status app api.shop'),
    });
  });

  test('an answer that no patience can mend is thrown as it is', async () => {
    const socket = scriptedSocket();
    socket.setState({ state: 'closed' });
    const { http } = httpOf(() => {
      throw new RigError({ code: 'RIG_DEPLOYMENT_NOT_FOUND', message: 'gone', exitCode: 3 });
    });
    await expect(states(watchDeployment({ ...base, http, socket }))).rejects.toMatchObject({
      code: 'RIG_DEPLOYMENT_NOT_FOUND',
    });
  });

  test('ends at the signal without a final state', async () => {
    const socket = scriptedSocket();
    const stop = new AbortController();
    const { http } = httpOf(() => at(1, 'queued'));
    const seen = states(watchDeployment({ ...base, http, socket, signal: stop.signal }));
    const channel = await socket.nextJoin('deployment:dep_1');
    channel.accept({ deployment: at(2, 'building') });
    stop.abort();
    expect((await seen).every((state) => !state.includes('healthy'))).toBe(true);
  });
});
