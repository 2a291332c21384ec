import { afterEach, expect, test, vi } from 'vitest';
import { readServeOptions } from '../../../../plugins/max/src/serve-options.ts';
import { limitArguments } from '../../../../plugins/max/src/sessions/limits-option.ts';
import { until } from '../runtime/kit.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let running: SessionKit | undefined;
afterEach(async () => {
  await running?.remove();
  running = undefined;
});

async function start(options?: Parameters<typeof openSessions>[0]): Promise<SessionKit> {
  running = await openSessions(options);
  return running;
}

test('a shell that nobody uses is warned, and then ended; a command may be silent for long', async () => {
  const max = await start({ tuning: { idleMs: 1_200, warnMs: 900 } });
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
  const max = await start({ tuning: { limitMs: 1_000, warnMs: 500 } });
  const client = await max.open(SHELL);
  expect(client.joined?.limitSeconds).toBe(1);
  await client.untilText('it has lasted as long as Max allows');
  expect(await client.untilEnd()).toMatchObject({ reason: 'limit' });
});

test('a session that nobody comes back to is ended, and for a while it can be heard how', async () => {
  const max = await start({ tuning: { abandonMs: 300, retainMs: 2_500 } });
  const client = await max.open({ kind: 'command', argv: ['sh', '-c', 'echo said; sleep 1000'] });
  await client.untilText('said');
  // Somebody who is none of the session's writes on into its output, and never pauses.
  const stray = "env -u MAX_PROCESS_ID setsid sh -c 'while echo x; do sleep 0.02; done' & sleep 1000";
  const held = await max.open({ kind: 'command', argv: ['sh', '-c', stray] });
  await held.untilText('x\nx\n');
  expect((await max.ask('DELETE', `/v1/sessions/${held.topic.slice('session:'.length)}`)).json).toMatchObject({
    state: 'ended',
    end: { reason: 'stopped' },
  });
  client.cut();
  const never = await max.begin({ kind: 'command', argv: ['sleep', '1000'] });
  const endOf = async (id: string) => (await max.ask('GET', `/v1/sessions/${id}`)).json.end ?? undefined;
  expect(await until(() => endOf(never.id))).toMatchObject({ reason: 'abandoned', signal: 'SIGTERM' });
  await client.rejoin();
  expect(await client.untilEnd()).toMatchObject({ reason: 'abandoned' });
  client.leave();
  await until(async () => ((await max.ask('GET', `/v1/sessions/${never.id}`)).status === 409 ? true : undefined));
  const late = await new SessionClient(max, never.id).join();
  expect(late.refused?.code).toBe('RIG_SESSION_ENDED');
  late.cut();
  expect(
    (await max.ask('GET', '/v1/audit')).json.items.map(({ end }: { end: { reason: string } }) => end.reason),
  ).toEqual(['abandoned', 'stopped', 'abandoned']);
});

test('sessions end with Max, and whoever is joined hears so', async () => {
  const max = await start();
  const shell = await max.open(SHELL);
  const command = await max.open({ kind: 'command', argv: ['sh', '-c', "trap '' TERM HUP; echo up; sleep 1000"] });
  await command.untilText('up');
  const stopped = max.stop();
  const ends = await Promise.all([shell, command].map((client) => client.untilEnd()));
  expect(ends.map(({ reason }) => reason)).toEqual(['max-stopped', 'max-stopped']);
  await stopped;
  const next = await start({ dir: max.dir });
  expect((await next.ask('GET', '/v1/sessions')).json.items).toEqual([]);
});

test('a shell that has missed that it was hung up is hung up again', async () => {
  const max = await start();
  const client = await max.open(SHELL);
  client.write('exec sh -c "trap \'trap - HUP\' HUP; echo up-\\$((40+2)); while :; do sleep 0.05; done"\n');
  await client.untilText('up-42');
  const { json } = await max.ask('DELETE', `/v1/sessions/${client.topic.slice('session:'.length)}`);
  expect(json.end).toMatchObject({ reason: 'stopped', signal: 'SIGHUP' });
});

test('a program that Max may not end, such as one of another user, does not hold up the end of Max', async () => {
  const max = await start({ tuning: { maxStopMs: 50, stopMarginMs: 50 } });
  const client = await max.open({ kind: 'command', argv: ['sh', '-c', 'echo $$; exec sleep 1000'] });
  await client.untilText('\n');
  const pid = Number(client.text);
  const kill = process.kill.bind(process);
  const mayNot = vi.spyOn(process, 'kill').mockImplementation((target, signal) => {
    if (Math.abs(target) !== pid || signal === 0) return kill(target, signal);
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  try {
    await max.stop();
    expect(mayNot.mock.calls).toContainEqual([pid, 'SIGTERM']);
    expect(kill(pid, 0)).toBe(true);
  } finally {
    mayNot.mockRestore();
    kill(pid, 'SIGKILL');
  }
  await start({ dir: max.dir });
});

test.each([
  [[], {}, {}],
  [
    ['--session-idle', '30m'],
    { RIG_MAX_SESSION_IDLE: '5m', RIG_MAX_SESSION_LIMIT: '12h' },
    { idleMs: 1_800_000, limitMs: 43_200_000 },
  ],
  [['--session-limit', 'never'], {}, { limitMs: 0 }],
])('Max is told the limits by %j and %j', (argv, env, sessions) => {
  expect(readServeOptions(['--state-dir', '/x', ...argv], env).sessions).toEqual(sessions);
  expect(readServeOptions(['--state-dir', '/x', ...limitArguments(sessions)], {}).sessions).toEqual(sessions);
});

test.each([
  [['--session-idle', 'soon'], {}, '--session-idle must be a duration from 1s to 24d'],
  [['--session-idle', '0s'], {}, '--session-idle must be'],
  [[], { RIG_MAX_SESSION_LIMIT: '60d' }, 'RIG_MAX_SESSION_LIMIT must be'],
])('limits that are none are refused: %j %j', (argv, env, message) => {
  expect(() => readServeOptions(['--state-dir', '/x', ...argv], env)).toThrow(message);
});
