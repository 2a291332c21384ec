import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import ssh2, { type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Audit } from '../../../../plugins/max/src/store/audit.ts';
import { until } from '../runtime/kit.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';

const SECRET = 'tr0ub4dor-and-3';
const VAR = 'https://user:pass@db.example';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions();
  const base = '/v1/networks/shop/apps/api';
  await max.ask('POST', `${base}/secrets`, { json: { values: { PASSWORD: SECRET }, stage: true } });
  await max.ask('POST', `${base}/vars`, { json: { values: { DATABASE: VAR }, stage: true } });
  await max.deploy();
});
afterAll(() => max.remove());

test('each session leaves a line: who, what, where, when, how it ended, how much', async () => {
  await max.run(['sh', '-c', 'cat; printf 12345', "it's"], 'abc');
  const shell = await max.open(SHELL);
  const open = (await max.ask('GET', '/v1/audit')).json.items;
  expect(open[0]).toMatchObject({ action: 'shell', what: null, endedAt: null, end: null, session: expect.any(String) });
  shell.write('exit 2\n');
  await shell.untilEnd();
  const [second, first] = (await max.ask('GET', '/v1/audit')).json.items;
  expect(first).toMatchObject({
    id: expect.stringMatching(/^aud_/),
    user: 'tester',
    token: { id: expect.stringMatching(/^tok_/), name: expect.any(String) },
    action: 'command',
    network: 'shop',
    app: 'api',
    instance: 'web.1',
    release: 2,
    what: "sh -c 'cat; printf 12345' 'it'\\''s'",
    from: expect.stringMatching(/127\.0\.0\.1$/),
    end: { reason: 'exited', code: 0, signal: null },
    bytesIn: 3,
    bytesOut: 8,
  });
  expect(Date.parse(first.endedAt)).toBeGreaterThanOrEqual(Date.parse(first.at));
  expect(second).toMatchObject({ action: 'shell', end: { reason: 'exited', code: 2 }, bytesIn: 7 });
});

test('an end that cannot be stored, as on a full disk, is a matter of the log and costs nobody output or exit code', async () => {
  const session = await max.open({ kind: 'ssh' });
  let read = 0;
  const sock = new Duplex({
    read: () => {},
    write: (piece: Buffer, _encoding, done) => {
      session.write(piece);
      done();
    },
    final: (done) => {
      session.writeEnd();
      done();
    },
  });
  void session.until(() => {
    sock.push(session.stdout.bytes.subarray(read));
    read = session.stdout.bytes.length;
    return session.end !== undefined;
  });
  const client = new ssh2.Client();
  client.connect({ sock, username: 'anybody' });
  await once(client, 'ready');
  const failing = vi.spyOn(Audit.prototype, 'end').mockImplementation(() => {
    throw new Error('database or disk is full');
  });
  try {
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec('echo all of it; exit 3', (error, channel) => (error ? reject(error) : resolve(channel)));
    });
    let text = '';
    channel.on('data', (piece: Buffer) => {
      text += piece;
    });
    const [[code]] = await Promise.all([once(channel, 'exit'), once(channel, 'close')]);
    expect([text, code]).toEqual(['all of it\n', 3]);
    client.end();
    await session.untilEnd();
  } finally {
    failing.mockRestore();
  }
  const told = max.log.filter((line) => /the end of aud_\w+ in ses_\w+ could not be stored: .*disk is full/.test(line));
  // That of the command, and that of its connection.
  expect(told).toHaveLength(2);
});

test('values of vars and secrets are in no line, no list and no file of it', async () => {
  const argv = ['sh', '-c', `echo ${SECRET} ${VAR}`, `--password=${SECRET}`];
  const { client } = await max.run(argv);
  expect(client.text).toBe(`${SECRET} ${VAR}\n`);
  const lists = await Promise.all(['/v1/audit', '/v1/sessions', '/v1/events'].map((path) => max.ask('GET', path)));
  expect(lists[0]!.json.items[0].what).toBe("sh -c 'echo [hidden] [hidden]' --password=[hidden]");
  expect(lists[1]!.json.items.at(-1).argv).toEqual(['sh', '-c', 'echo [hidden] [hidden]', '--password=[hidden]']);
  for (const { text } of lists) expect(text).not.toContain(SECRET);
  expect(max.log.join('\n')).not.toContain(SECRET);
  for (const name of readdirSync(max.dir)) {
    const file = join(max.dir, name);
    if (statSync(file).isFile()) expect(readFileSync(file).includes(SECRET), name).toBe(false);
  }
});

test('it can be asked by app, network, user and action, page by page, and outlives the app', async () => {
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'brief' } });
  await max.deploy(undefined, 'brief');
  const { id } = (await max.ask('GET', '/v1/networks/shop/apps/brief')).json;
  for (let i = 0; i < 3; i += 1) await max.begin({ kind: 'command', argv: ['echo', String(i)] }, 'brief');
  await until(async () => {
    const { json } = await max.ask('GET', '/v1/audit?network=shop&app=brief');
    return json.items.every(({ end }: { end: unknown }) => end !== null) ? true : undefined;
  });
  await max.ask('DELETE', '/v1/networks/shop/apps/brief');
  const whats: string[] = [];
  for (let cursor = ''; ; ) {
    const { json } = await max.ask('GET', `/v1/audit?app=${id}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    whats.push(...json.items.map(({ what }: { what: string }) => what));
    if (json.next === null) break;
    cursor = json.next;
  }
  expect(whats).toEqual(['echo 2', 'echo 1', 'echo 0']);
  const count = async (query: string): Promise<number> =>
    (await max.ask('GET', `/v1/audit?${query}`)).json.items.length;
  expect(await count('user=nobody')).toBe(0);
  expect(await count('action=forward')).toBe(0);
  const shells = await count('network=shop&action=shell');
  const shell = await max.begin(SHELL);
  expect(await count('network=shop&action=shell')).toBe(shells + 1);
  await max.ask('DELETE', `/v1/sessions/${shell.id}`);
  for (const query of ['action=fly', 'app=api', 'cursor=x'])
    expect((await max.ask('GET', `/v1/audit?${query}`)).json.code).toBe('RIG_BAD_REQUEST');
});
