import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions();
});
afterAll(() => max.remove());

test('what is not dealt with is not read: a program that writes without end has to wait', async () => {
  for (const session of [{ kind: 'command' as const, argv: ['yes'] }, SHELL]) {
    const client = new SessionClient(max, (await max.begin(session)).id);
    client.acknowledges = false;
    await client.join();
    if (session === SHELL) client.write('yes\n');
    const { window } = client.joined!;
    await client.until(() => client.stdout.bytes.length >= window);
    await delay(300);
    const had = client.stdout.bytes.length;
    // A piece that had been read already may go beyond it.
    expect(had).toBeLessThan(window + 65_536);
    client.acknowledge();
    await client.until(() => client.stdout.bytes.length >= had + window / 2);
    await max.ask('DELETE', `/v1/sessions/${client.topic.slice('session:'.length)}`);
    client.leave();
  }
});

test('what a program does not read is not acknowledged, and Max goes on meanwhile', async () => {
  for (const session of [{ kind: 'command' as const, argv: ['sh', '-c', 'sleep 0.5; wc -c'] }, SHELL]) {
    const client = await max.open(session);
    if (session === SHELL) {
      client.write('stty raw -echo; echo ready; sleep 0.5; head -c 1000000 | wc -c; stty sane; exit\n');
      await client.untilText('ready\n');
    }
    const before = client.stdinTaken;
    const { window } = client.joined!;
    const input = Buffer.alloc(1_000_000, 'a');
    for (let at = 0; at < input.length; ) {
      const length = Math.min(32_768, input.length - at);
      await client.until(() => at + length - (client.stdinTaken - before) <= window - 1_000);
      client.write(input.subarray(at, at + length));
      at += length;
      // A pipe and a terminal hold some tens of kilobytes, and nobody reads yet.
      if (at === 32_768 * 4) expect(client.stdinTaken - before).toBeLessThan(at + 1);
      expect((await max.ask('GET', '/healthz')).status).toBe(200);
    }
    if (session !== SHELL) client.writeEnd();
    expect((await client.untilEnd()).code).toBe(0);
    expect(client.text).toContain('1000000');
    client.leave();
  }
});

test('a client that takes nothing costs Max no more memory than the window', async () => {
  const rss = (): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(process.pid)], { encoding: 'utf8' }));
  const clients = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = new SessionClient(max, (await max.begin({ kind: 'command', argv: ['yes'] })).id);
      return client;
    }),
  );
  await delay(200);
  const before = rss();
  await delay(500);
  // Nobody has joined: each program waits with a window of its output in Max.
  expect(rss() - before).toBeLessThan(80_000);
  for (const client of clients) await max.ask('DELETE', `/v1/sessions/${client.topic.slice('session:'.length)}`);
});
