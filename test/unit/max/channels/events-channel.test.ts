import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { type MaxKit, openMax } from '../max-kit.ts';

type Frame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: Record<string, unknown>,
];

/** A client that speaks the V2 protocol and nothing more. */
class Client {
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  readonly #waiting: Array<() => void> = [];
  #ref = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.#frames.push(JSON.parse(String(data)) as Frame);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Connects, or fails with the HTTP status of the refusal. */
  static async connect(port: number, token: string | undefined, host = `127.0.0.1:${port}`): Promise<Client> {
    const protocols = ['phoenix'];
    if (token !== undefined) protocols.push(`base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`);
    const url = `ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`;
    const socket = new WebSocket(url, protocols, { headers: { host } });
    const client = new Client(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('open', () => resolve());
      socket.on('unexpected-response', (_request, answer) => reject(new Error(`refused with ${answer.statusCode}`)));
      socket.on('error', reject);
    });
    return client;
  }

  /** The next frame that fits, taken out. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const at = this.#frames.findIndex(fits);
      if (at !== -1) return this.#frames.splice(at, 1)[0] as Frame;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async join(topic: string, params: object = {}): Promise<{ status: string; response: Record<string, unknown> }> {
    this.#ref += 1;
    const ref = String(this.#ref);
    this.#socket.send(JSON.stringify([ref, ref, topic, 'phx_join', params]));
    const [, , , , payload] = await this.next((frame) => frame[1] === ref);
    return payload as { status: string; response: Record<string, unknown> };
  }

  /** The next event of a topic. */
  async event(topic: string): Promise<Record<string, unknown>> {
    return (await this.next((frame) => frame[2] === topic && frame[3] === 'event'))[4];
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.#socket.on('close', (code) => resolve(code)));
  }

  close(): void {
    this.#socket.terminate();
  }
}

let max: MaxKit;
let userId: string;
const clients: Client[] = [];
const connect = async (token: string | undefined, host?: string): Promise<Client> => {
  const client = await Client.connect(max.port, token, host);
  clients.push(client);
  return client;
};
beforeEach(async () => {
  max = await openMax();
  userId = (await max.ask('GET', '/v1/whoami')).json.user.id;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await max.remove();
});

const network = async (name: string) => (await max.ask('POST', '/v1/networks', { json: { name } })).json;
const app = async (of: string, name: string) =>
  (await max.ask('POST', `/v1/networks/${of}/apps`, { json: { name } })).json;
const tokenWith = async (scopes: string[]) =>
  (await max.ask('POST', '/v1/tokens', { json: { name: 'x', scopes } })).json;

test('only a token that holds connects, and only under a loopback name', async () => {
  await expect(connect(undefined)).rejects.toThrow('403');
  await expect(connect('max_api_nonsense')).rejects.toThrow('403');
  await expect(connect(max.token, 'evil.example')).rejects.toThrow('421');
  const { access_token: access } = (
    await max.ask('POST', '/oauth/token', {
      token: null,
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: max.token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
    })
  ).json;
  expect((await (await connect(access)).join(`user:${userId}`)).status).toBe('ok');
});

test('a user hears of everything, a network and an app of what is theirs', async () => {
  const client = await connect(max.token);
  const one = await network('one');
  await network('two');
  const web = await app('one', 'web');
  const joined = await client.join(`user:${userId}`);
  expect(joined).toEqual({ status: 'ok', response: { last: 3 } });
  await client.join(`network:${one.id}`);
  await client.join(`app:${web.id}`);
  await app('two', 'other');
  await app('one', 'more');
  await max.ask('DELETE', '/v1/networks/one/apps/web');
  const of = async (topic: string, count: number) => {
    const events = [];
    for (let i = 0; i < count; i += 1) events.push((await client.event(topic)).text);
    return events;
  };
  const other = 'app other.two was created';
  const more = 'app more.one was created';
  const gone = 'app web.one was deleted';
  expect(await of(`user:${userId}`, 3)).toEqual([other, more, gone]);
  expect(await of(`network:${one.id}`, 2)).toEqual([more, gone]);
  expect(await of(`app:${web.id}`, 1)).toEqual([gone]);
});

test('one who comes back gets what was missed, once and in order', async () => {
  const client = await connect(max.token);
  const topic = `user:${userId}`;
  for (let i = 0; i < 1200; i += 1) await network(`net-${i}`);
  expect((await client.join(topic, { after: 100 })).response).toEqual({ last: 1200 });
  await network('last-one');
  for (let seq = 101; seq <= 1201; seq += 1) expect((await client.event(topic)).seq).toBe(seq);
});

test('what is not kept any more is told as a gap, and a topic that was quiet has none', async () => {
  const client = await connect(max.token);
  const topic = `user:${userId}`;
  const one = await network('one');
  await client.join(`network:${one.id}`);
  for (let i = 0; i < 20; i += 1) await network(`net-${i}`);
  const database = openDatabase(statePaths(max.dir).database);
  database.run('DELETE FROM events WHERE seq <= 10');
  database.close();
  await client.join(topic, { after: 4 });
  expect((await client.next((frame) => frame[2] === topic && frame[3] === 'gap'))[4]).toEqual({ from: 5, to: 10 });
  expect((await client.event(topic)).seq).toBe(11);
  await app('one', 'web');
  const first = await client.next((frame) => frame[2] === `network:${one.id}` && frame[1] === null);
  expect(first[3]).toBe('event');
  expect(first[4]).toMatchObject({ seq: 22, type: 'app.created' });
});

test('a number from another time begins at the end', async () => {
  const client = await connect(max.token);
  const topic = `user:${userId}`;
  await network('one');
  for (const after of [99, -1, 1.5, 'x', null])
    expect((await client.join(topic, { after })).response).toEqual({ last: 1 });
  await network('two');
  expect(await client.event(topic)).toEqual({
    seq: 2,
    at: expect.any(String),
    type: 'network.created',
    network: 'two',
    app: null,
    text: 'network two was created',
  });
});

test('a join without the right, or of what is not there, is refused', async () => {
  const client = await connect(max.token);
  const refused = (reason: string, code: string) => ({ status: 'error', response: { reason, code } });
  expect(await client.join('network:net_none')).toMatchObject(refused('not_found', 'RIG_NETWORK_NOT_FOUND'));
  expect(await client.join('app:app_none')).toMatchObject(refused('not_found', 'RIG_APP_NOT_FOUND'));
  expect(await client.join('user:usr_other')).toMatchObject(refused('forbidden', 'RIG_FORBIDDEN'));
  const { token } = await tokenWith(['deploy']);
  expect(await (await connect(token)).join(`user:${userId}`)).toMatchObject(refused('forbidden', 'RIG_FORBIDDEN'));
});

test('the channels of what is deleted end, after its last event', async () => {
  const client = await connect(max.token);
  const { id: networkId } = await network('one');
  const { id: appId } = await app('one', 'web');
  for (const topic of [`network:${networkId}`, `app:${appId}`, `logs:app:${appId}`]) await client.join(topic);
  const end = (topic: string) => client.next((frame) => frame[2] === topic && frame[3] === 'phx_close');
  await max.ask('DELETE', '/v1/networks/one/apps/web');
  expect(await client.event(`app:${appId}`)).toMatchObject({ type: 'app.deleted' });
  await end(`app:${appId}`);
  await end(`logs:app:${appId}`);
  await max.ask('DELETE', '/v1/networks/one');
  expect(await client.event(`network:${networkId}`)).toMatchObject({ type: 'app.deleted' });
  expect(await client.event(`network:${networkId}`)).toMatchObject({ type: 'network.deleted' });
  await end(`network:${networkId}`);
  expect(await client.join(`logs:app:${appId}`)).toMatchObject({
    status: 'error',
    response: { reason: 'not_found', status: 404, code: 'RIG_APP_NOT_FOUND' },
  });
});

test('a token that is revoked takes its sockets along', async () => {
  const { id, token } = await tokenWith(['read']);
  const client = await connect(token);
  await client.join(`user:${userId}`);
  const closed = client.closed();
  await max.ask('DELETE', `/v1/tokens/${id}`);
  expect(await closed).toBe(1001);
  await expect(connect(token)).rejects.toThrow('403');
});
