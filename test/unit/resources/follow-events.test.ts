import { REJOINED_EVENT, RigError } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { type EventRecord, followEvents } from '../../../plugins/resources/src/events/follow-events.ts';
import { parseAfter, parseType } from '../../../plugins/resources/src/events/read-events.ts';
import { scriptedSocket } from '../../support/scripted-socket.ts';

const at = (seq: number) => ({ seq, at: '', type: 'app.created', network: 'n', app: 'a', text: 't' });
const topic = 'app:app_1';
const never = new AbortController().signal;

/** Collects so many records, or all until the end. */
async function take(source: AsyncGenerator<EventRecord>, most = 100): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const record of source) {
    taken.push('gap' in record ? record.gap : record.seq);
    if (taken.length === most) break;
  }
  return taken;
}

test('goes on after the last that was handed over, and gives nothing twice', async () => {
  const socket = scriptedSocket();
  const taken = take(followEvents({ socket, topic, after: undefined, signal: never }), 3);
  const channel = await socket.nextJoin(topic);
  expect(channel.params()).toEqual({});
  channel.accept({ last: 7 });
  for (const seq of [8, 8, 7, 9]) channel.emit('event', at(seq));
  channel.emit(REJOINED_EVENT, { last: 11 });
  for (const seq of [9, 11]) channel.emit('event', at(seq));
  expect(await taken).toEqual([8, 9, 11]);
  expect(channel.params()).toEqual({ after: 11 });
  expect(channel.left).toBe(true);
});

test('what is gone is a gap, without what was handed over before', async () => {
  const socket = scriptedSocket();
  const taken = take(followEvents({ socket, topic, after: 5, signal: never }));
  const channel = await socket.nextJoin(topic);
  expect(channel.params()).toEqual({ after: 5 });
  channel.accept({ last: 30 });
  channel.emit('gap', { from: 3, to: 10 });
  channel.emit('gap', { from: 3, to: 9 });
  channel.emit('event', at(11));
  channel.close();
  expect(await taken).toEqual([{ from: 6, to: 10 }, 11]);
});

test('a reader that was too slow gets the rest by another join', async () => {
  const socket = scriptedSocket();
  const taken = take(followEvents({ socket, topic, after: 0, signal: never }));
  const first = await socket.nextJoin(topic);
  first.accept({ last: 3 });
  first.emit('event', at(1));
  first.close(new RigError({ code: 'RIG_SLOW_CONSUMER', message: 'too slow' }));
  const second = await socket.nextJoin(topic);
  expect(second.params()).toEqual({ after: 1 });
  second.accept({ last: 3 });
  for (const seq of [2, 3]) second.emit('event', at(seq));
  second.close();
  expect(await taken).toEqual([1, 2, 3]);
});

test('a Max whose numbers began anew is followed from there', async () => {
  const socket = scriptedSocket();
  const taken = take(followEvents({ socket, topic, after: 900, signal: never }));
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 2 });
  channel.emit('event', at(3));
  channel.close();
  expect(await taken).toEqual([3]);
});

test('another failure of the channel is told', async () => {
  const socket = scriptedSocket();
  const taken = take(followEvents({ socket, topic, after: 0, signal: never }));
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 0 });
  channel.close(new RigError({ code: 'RIG_NOT_SIGNED_IN', message: 'no' }));
  await expect(taken).rejects.toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
});

test('options that mean nothing are refused', () => {
  expect([parseType('deployment'), parseType('deployment.*'), parseType('vars.changed')]).toEqual([
    'deployment',
    'deployment',
    'vars.changed',
  ]);
  for (const text of ['', '*', 'a.b.c', 'Deployment']) expect(() => parseType(text)).toThrow('--type');
  expect([parseAfter('0'), parseAfter('12')]).toEqual([0, 12]);
  for (const text of ['', '-1', '1.5', 'x']) expect(() => parseAfter(text)).toThrow('--after');
});
