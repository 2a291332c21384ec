import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChaosRandom } from '../../../support/chaos-random.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions();
});
afterAll(() => max.remove());

test('a session that is cut 20 times at random loses no byte in either direction', async () => {
  const random = new ChaosRandom(20);
  const input = randomBytes(6_000_000);
  const client = new SessionClient(max, (await max.begin({ kind: 'command', argv: ['cat'] })).id);
  await client.join();
  let sent = 0;
  const send = async (upTo: number): Promise<void> => {
    while (sent < upTo) {
      const piece = input.subarray(sent, Math.min(upTo, sent + 50_000));
      // Not further ahead of what was taken than the window lets.
      const taken = (): number => Math.max(client.stdinTaken, client.joined?.stdin ?? 0);
      await client.until(() => sent + piece.length - taken() <= client.joined!.window);
      client.write(piece);
      sent += piece.length;
    }
  };
  for (let cut = 0; cut < 20; cut += 1) {
    await send(Math.floor((input.length / 20) * (cut + random.next())));
    client.cut();
    await client.rejoin();
  }
  await send(input.length);
  client.writeEnd();
  expect((await client.untilEnd()).code).toBe(0);
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  expect(client.stdout.bytes.length).toBe(input.length);
  expect(digest(client.stdout.bytes)).toBe(digest(input));
});

test('a shell that was cut amid its output goes on there, and its end is told to one who was away', async () => {
  const client = await max.open(SHELL);
  client.write('seq 100000 | tail -n 5000; sleep 0.1; exit 9\n');
  await client.untilText('96000');
  client.cut();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await client.rejoin();
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: 9 });
  const numbers = client.text.match(/^\d{5,6}(?=\r)/gm)!;
  expect(numbers).toEqual(Array.from({ length: 5000 }, (_, index) => String(95_001 + index)));
});

test('an end that may have gone down with its connection is told again', async () => {
  const { client } = await max.run(['sh', '-c', 'exit 9']);
  client.cut();
  client.end = undefined;
  await client.rejoin();
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: 9 });
  client.leave();
});

test('a client that leaves bytes out, or sends more than the window, is sent back to where Max is', async () => {
  for (const offset of [7, 0]) {
    const client = await max.open({ kind: 'command', argv: ['sleep', '100'] });
    if (offset === 0) for (let at = 0; at < 5_000_000; at += 65_536) client.pushData(at, Buffer.alloc(65_536));
    else client.pushData(offset, Buffer.from('x'));
    await client.until(() => client.closed === 'phx_error');
    client.cut();
    await client.rejoin();
    expect(client.joined?.stdin).toBeLessThanOrEqual(500_000);
    client.leave();
  }
});

test('fifty shells at once each answer their own', async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => max.open(SHELL)));
  await Promise.all(
    clients.map(async (client, index) => {
      client.write(`echo "I am $((${index} + 1000))"\n`);
      await client.untilText(`I am ${index + 1000}\r`);
      client.write(`exit ${index}\n`);
      expect((await client.untilEnd()).code).toBe(index);
      client.leave();
    }),
  );
  expect((await max.ask('GET', '/v1/sessions?state=running&kind=shell')).json.items).toEqual([]);
});
