import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import ssh2, { type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveSsh } from '../../../../plugins/max/src/ssh/connection.ts';
import { openHostKey } from '../../../../plugins/max/src/ssh/host-key.ts';
import type { SshPlace } from '../../../../plugins/max/src/ssh/place.ts';
import { hasTools } from '../../../support/tools.ts';
import { type SshServerKit, startSshServer } from './ssh-server.ts';

let kit: SshServerKit;
beforeAll(async () => {
  kit = await startSshServer();
});
afterAll(() => kit.remove());

/** Connects with a client that can do what ssh has no words for. */
async function connected(options: ssh2.ConnectConfig = {}): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  client.connect({ host: '127.0.0.1', port: kit.port, username: 'anybody', ...options });
  await once(client, 'ready');
  // As the server is gone before it is.
  client.on('error', () => undefined);
  return client;
}

async function text(channel: ClientChannel, wanted: string): Promise<string> {
  let all = '';
  for await (const piece of channel.iterator({ destroyOnReturn: false })) {
    all += String(piece);
    if (all.includes(wanted)) return all;
  }
  throw new Error(`it ended without ${wanted}: ${all}`);
}

const opened = (open: (then: (error: Error | undefined, channel: ClientChannel) => void) => void) =>
  new Promise<ClientChannel>((resolve, reject) => {
    open((error, channel) => (error ? reject(error) : resolve(channel)));
  });

/** Listens on a port of this machine. */
async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Waits until something holds that nothing tells of. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a terminal changes its size, and a signal reaches the program', async () => {
  const client = await connected();
  const shell = await opened((then) => client.shell({ rows: 30, cols: 100, term: 'xterm' }, then));
  shell.write('echo is $(stty size)\n');
  await text(shell, 'is 30 100');
  shell.setWindow(40, 120, 0, 0);
  shell.write('echo now $(stty size)\n');
  await text(shell, 'now 40 120');
  const sleeper = await opened((then) => client.exec('echo up; exec sleep 600', then));
  await text(sleeper, 'up');
  sleeper.signal('USR1');
  const [code, signal] = (await once(sleeper, 'exit')) as [number | null, string];
  expect([code, signal]).toEqual([null, 'SIGUSR1']);
  client.end();
});

test('a connection that was ended before Max began to speak SSH is over at once', async () => {
  const stream = new PassThrough().destroy();
  await once(stream, 'close');
  const place = {} as SshPlace;
  const key = openHostKey(join(kit.folder, '..', 'host-key')).privateKey;
  expect(await serveSsh(stream, key, place)).toBeUndefined();
});

test('many channels of one connection do not know of each other', async () => {
  const client = await connected();
  const outputs = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const channel = await opened((then) =>
        client.exec(`head -c 300000 /dev/zero | tr '\\0' ${index % 10}; echo end`, then),
      );
      return text(channel, 'end');
    }),
  );
  expect(outputs.map((output) => output.length)).toEqual(Array(20).fill(300_004));
  expect(outputs.every((output, index) => output.startsWith(String(index % 10).repeat(300_000)))).toBe(true);
  client.end();
});

test('a command is recorded with all that it wrote, though it has ended before its client reads', async () => {
  kit.records.length = 0;
  const client = await connected();
  // What the client's side takes unread, and a little that stays with the program's pipe.
  const size = 3 * 1024 * 1024 + 50_000;
  const channel = await opened((then) => client.exec(`echo $$ >&2; exec head -c ${size} /dev/zero`, then));
  const [line] = (await once(channel.stderr, 'data')) as [Buffer];
  await until(() => !existsSync(`/proc/${Number(line)}`));
  channel.resume();
  expect(await once(channel, 'exit')).toEqual([0]);
  await until(() => kit.records[0]?.end !== undefined);
  expect(kit.records).toMatchObject([{ out: size + line.length, end: { reason: 'exited', code: 0 } }]);
  client.end();
});

test('what a command leaves in the background stays for its connection, and no longer', async () => {
  const client = await connected();
  const channel = await opened((then) =>
    client.exec('setsid sleep 600 >/dev/null 2>&1 </dev/null & echo pid $!', then),
  );
  const pid = Number(/pid (\d+)/.exec(await text(channel, '\n'))?.[1]);
  channel.resume();
  await once(channel, 'close');
  expect(() => process.kill(pid, 0)).not.toThrow();
  client.end();
  // Its session ends what bears its mark; here that is the test itself.
  process.kill(pid, 'SIGKILL');
});

test('what holds the streams of a command that has ended is read as long as the client stays', async () => {
  const client = await connected();
  const channel = await opened((then) => client.exec('(while echo on; do sleep 0.05; done) & echo pid $!', then));
  const all = await text(channel, 'on\n');
  const pid = Number(/pid (\d+)/.exec(all.includes('pid') ? all : await text(channel, 'pid'))?.[1]);
  await text(channel, 'on\n');
  channel.close();
  await until(() => !existsSync(`/proc/${pid}`));
  client.end();
});

test('a client that hangs up on an app that does not read is seen to have gone', async () => {
  kit.records.length = 0;
  const deaf = createServer({ pauseOnConnect: true });
  const port = await portOf(deaf);
  const client = await connected();
  const channel = await opened((then) => client.forwardOut('', 0, 'localhost', port, then));
  channel.on('error', () => undefined);
  // More than the system takes for it.
  channel.write(Buffer.alloc(64_000_000));
  let before = -1;
  let still = 0;
  await until(() => {
    const now = kit.records[0]?.in ?? 0;
    still = now > 0 && now === before ? still + 1 : 0;
    before = now;
    return still === 10;
  });
  channel.close();
  await until(() => kit.records[0]?.end !== undefined);
  client.end();
  deaf.close();
});

test('a client that has heard all says the rest to an app that takes its time', async () => {
  const size = 6_000_000;
  let finish!: (size: number) => void;
  const all = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const slow = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async (socket) => {
    socket.end('that is all');
    await until(() => kit.records.some(({ out }) => out === 11));
    let got = 0;
    socket.on('data', (piece) => {
      got += piece.length;
    });
    socket.on('end', () => finish(got));
    socket.resume();
  });
  const port = await portOf(slow);
  const client = await connected();
  const channel = await opened((then) => client.forwardOut('', 0, 'localhost', port, then));
  channel.end(Buffer.alloc(size));
  channel.resume();
  expect(await all).toBe(size);
  client.end();
  slow.close();
});

test('ports that are still being connected count among the most', async () => {
  const server = createServer();
  const port = await portOf(server);
  const client = await connected();
  const open = () => opened((then) => client.forwardOut('', 0, 'localhost', port, then)).then(() => true);
  const answers = await Promise.all(Array.from({ length: 80 }, () => open().catch(() => false)));
  expect(answers.filter((isOpen) => isOpen)).toHaveLength(64);
  client.end();
  server.close();
});

test('it is not signed in to with a password, and nothing is done before', async () => {
  const client = new ssh2.Client();
  client.connect({ host: '127.0.0.1', port: kit.port, username: 'a', password: 'b', authHandler: ['password'] });
  const [error] = (await once(client, 'error')) as [Error & { level: string }];
  expect(error.level).toBe('client-authentication');
  client.end();
});

describe.skipIf(!hasTools('ssh'))('SFTP that no client speaks', () => {
  const packet = (type: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat([Buffer.from([type]), ...parts]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const string = (value: string): Buffer => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);
  const INIT = packet(1, number(3));
  /** Statuses by their request, after the answer to INIT. */
  const statuses = (output: Buffer): Array<[id: number, status: number]> => {
    const found: Array<[number, number]> = [];
    for (let at = 0; at + 4 <= output.length; at += 4 + output.readUInt32BE(at))
      if (output[at + 4] === 101) found.push([output.readUInt32BE(at + 5), output.readUInt32BE(at + 9)]);
    return found;
  };

  test('is answered request by request, and harms nobody', async () => {
    const requests = [
      packet(99, number(1)),
      packet(4, number(2), string('no such handle')),
      packet(5, number(3), string('7'), Buffer.alloc(12)),
      packet(3, number(4), string('a\0b'), number(1), number(0)),
      packet(3, number(5), number(9999)),
      packet(200, number(6), string('unknown@example')),
      packet(17, number(7), string('/nowhere')),
      packet(9, number(8), string('.'), number(0x8000_0000), number(0xffff_ffff)),
    ];
    const { code, stdout } = await kit.run('ssh', ['-s', 'app', 'sftp'], Buffer.concat([INIT, ...requests]));
    expect(code).toBe(0);
    expect(statuses(stdout)).toEqual([
      [1, 8],
      [2, 4],
      [3, 4],
      [4, 5],
      [5, 5],
      [6, 8],
      [7, 2],
      [8, 5],
    ]);
  });

  test.each([
    ['a packet without an end', Buffer.concat([INIT, number(0xffff_ffff), Buffer.alloc(1000)])],
    ['an empty packet', Buffer.concat([INIT, number(0)])],
    ['a packet without an id', Buffer.concat([INIT, packet(5)])],
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('ends the channel: %s', async (_what, bytes) => {
    expect((await kit.run('ssh', ['-s', 'app', 'sftp'], bytes)).code).toBe(0);
    expect((await kit.run('ssh', ['app', 'echo well'])).stdout.toString()).toBe('well\n');
  });
});
