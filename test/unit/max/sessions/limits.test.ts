import { afterEach, expect, test } from 'vitest';
import { until } from '../runtime/kit.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
afterEach(() => max.remove());

test('a shell that nobody uses is warned, and then ended; a command may be silent for long', async () => {
  max = await openSessions({ tuning: { idleMs: 1_200, warnMs: 900 } });
  const shell = await max.open(SHELL);
  const command = await max.open({ kind: 'command', argv: ['sh', '-c', 'read line; echo got $line'] });
  expect([shell.joined?.idleSeconds, command.joined?.idleSeconds]).toEqual([1, null]);
  await shell.untilText('[max] this shell ends in 1 s: nothing was typed or shown for long');
  expect(await shell.untilEnd()).toMatchObject({ reason: 'idle' });
  command.write('it\n');
  await command.untilEnd();
  expect(command.text).toBe('got it\n');
});

test('a session lasts no longer than Max allows', async () => {
  max = await openSessions({ tuning: { limitMs: 1_000, warnMs: 500 } });
  const client = await max.open(SHELL);
  expect(client.joined?.limitSeconds).toBe(1);
  await client.untilText('it has lasted as long as Max allows');
  expect(await client.untilEnd()).toMatchObject({ reason: 'limit' });
});

test('a session that nobody comes back to is ended, and for a while it can be heard how', async () => {
  max = await openSessions({ tuning: { abandonMs: 300, retainMs: 1_000 } });
  const client = await max.open({ kind: 'command', argv: ['sh', '-c', 'echo said; sleep 1000'] });
  await client.untilText('said');
  client.cut();
  const never = await max.begin({ kind: 'command', argv: ['sleep', '1000'] });
  const endOf = async (id: string) => (await max.ask('GET', `/v1/sessions/${id}`)).json.end ?? undefined;
  expect(await until(() => endOf(never.id))).toMatchObject({ reason: 'abandoned', signal: 'SIGTERM' });
  await client.rejoin();
  expect(await client.untilEnd()).toMatchObject({ reason: 'abandoned' });
  client.leave();
  await until(async () => {
    const late = await new SessionClient(max, never.id).join();
    late.cut();
    return late.refused?.code === 'RIG_SESSION_ENDED' ? true : undefined;
  });
  expect(
    (await max.ask('GET', '/v1/audit')).json.items.map(({ end }: { end: { reason: string } }) => end.reason),
  ).toEqual(['abandoned', 'abandoned']);
});

test('sessions end with Max, and whoever is joined hears so', async () => {
  max = await openSessions();
  const shell = await max.open(SHELL);
  const command = await max.open({ kind: 'command', argv: ['sh', '-c', "trap '' TERM HUP; echo up; sleep 1000"] });
  await command.untilText('up');
  const stopped = max.stop();
  const ends = await Promise.all([shell, command].map((client) => client.untilEnd()));
  expect(ends.map(({ reason }) => reason)).toEqual(['max-stopped', 'max-stopped']);
  await stopped;
  max = await openSessions({ dir: max.dir });
  expect((await max.ask('GET', '/v1/sessions')).json.items).toEqual([]);
});
