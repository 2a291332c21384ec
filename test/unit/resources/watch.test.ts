import { RigError } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { type WatchOptions, watchStatus } from '../../../plugins/resources/src/status/watch.ts';
import { type ScriptedSocket, scriptedSocket } from '../../support/scripted-socket.ts';

const topic = 'app:app_1';
const slow = 60_000;
const down = new RigError({ code: 'RIG_UNREACHABLE', message: 'cannot reach Max', exitCode: 6 });

/** A watch of a value that the test sets, or of a failure. */
function watched(socket: ScriptedSocket, options: Partial<WatchOptions<unknown>> = {}) {
  const said: string[] = [];
  const stop = new AbortController();
  const state: { now: unknown; asked: number } = { now: 'first', asked: 0 };
  const read = async (): Promise<unknown> => {
    state.asked += 1;
    if (state.now instanceof Error) throw state.now;
    return state.now;
  };
  const note = (text: string): void => void said.push(text);
  const times = { refreshMs: slow, pollMs: slow, joinMs: slow, ...options };
  const values = watchStatus({ socket, topic, read, note, signal: stop.signal, ...times });
  return { values, state, said, stop };
}

test('is asked for again when an event says so, and only a difference is given', async () => {
  const socket = scriptedSocket();
  const { values, state, said, stop } = watched(socket);
  expect((await values.next()).value).toBe('first');
  const second = values.next();
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 1 });
  await expect.poll(() => state.asked).toBe(2);
  channel.emit('event', {});
  await expect.poll(() => state.asked).toBe(3);
  state.now = 'second';
  channel.emit('event', {});
  expect((await second).value).toBe('second');
  const end = values.next();
  stop.abort();
  expect((await end).done).toBe(true);
  expect(channel.left).toBe(true);
  expect(said).toEqual([]);
});

test('while the socket is dead it is polled, which is said once, and the topic is joined again', async () => {
  const socket = scriptedSocket();
  const { values, state, said } = watched(socket, { pollMs: 5, joinMs: 5 });
  await values.next();
  const second = values.next();
  (await socket.nextJoin(topic)).refuse('RIG_TIMEOUT');
  await expect.poll(() => said).toEqual(['Asking Max by HTTP until its socket delivers again']);
  const again = await socket.nextJoin(topic);
  state.now = 'second';
  expect((await second).value).toBe('second');
  const third = values.next();
  again.accept({ last: 1 });
  await expect.poll(() => said[1]).toBe('The socket of Max delivers: no longer asking by HTTP');
  socket.setState({ state: 'reconnecting', reason: 'cut' });
  state.now = 'third';
  expect((await third).value).toBe('third');
  expect(said).toEqual([
    'Asking Max by HTTP until its socket delivers again',
    'The socket of Max delivers: no longer asking by HTTP',
    'Asking Max by HTTP until its socket delivers again',
  ]);
  await values.return(undefined);
});

test('a Max that does not answer is said once, and waited for', async () => {
  const socket = scriptedSocket();
  socket.setState({ state: 'reconnecting' });
  const { values, state, said } = watched(socket, { pollMs: 5 });
  await values.next();
  state.now = down;
  const second = values.next();
  await expect.poll(() => state.asked).toBeGreaterThan(4);
  state.now = 'second';
  expect((await second).value).toBe('second');
  expect(said.filter((text) => text.startsWith('Max '))).toEqual([
    'Max does not answer, what is shown may have changed: cannot reach Max',
    'Max answers again',
  ]);
  await values.return(undefined);
});

test('what no patience mends ends it: at first anything, later what is gone', async () => {
  const socket = scriptedSocket();
  const first = watched(socket);
  first.state.now = down;
  await expect(first.values.next()).rejects.toMatchObject({ code: 'RIG_UNREACHABLE' });
  const { values, state } = watched(socket);
  await values.next();
  const second = values.next();
  state.now = new RigError({ code: 'RIG_APP_NOT_FOUND', message: 'gone', exitCode: 3 });
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 1 });
  channel.close();
  await expect(second).rejects.toMatchObject({ code: 'RIG_APP_NOT_FOUND' });
});

test('what does not count as a change is not given, however often it is asked for', async () => {
  const socket = scriptedSocket();
  const counts = (value: unknown): unknown => (value as { state: string }).state;
  const { values, state, stop } = watched(socket, { counts });
  state.now = { state: 'running', cpu: 1 };
  expect((await values.next()).value).toEqual({ state: 'running', cpu: 1 });
  const second = values.next();
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 1 });
  state.now = { state: 'running', cpu: 2 };
  await expect.poll(() => state.asked).toBe(2);
  state.now = { state: 'stopped', cpu: 3 };
  channel.emit('event', {});
  expect((await second).value).toEqual({ state: 'stopped', cpu: 3 });
  const end = values.next();
  stop.abort();
  expect((await end).done).toBe(true);
});
