import { REJOINED_EVENT, RigError } from '@rig/plugin-api';
import type { EventPage } from '@rig/plugin-api/max';
import { expect, test } from 'vitest';
import { type EventRecord, followEvents } from '../../../plugins/resources/src/events/follow-events.ts';
import { parseAfter, parseType } from '../../../plugins/resources/src/events/read-events.ts';
import { scriptedSocket } from '../../support/scripted-socket.ts';

const at = (seq: number) => ({ seq, at: '', type: 'app.created', network: 'n', app: 'a', text: 't' });
const topic = 'app:app_1';

/** A follower whose questions by HTTP the test answers; `asked` are the numbers that they began after. */
function followed(after: number | undefined, answer: (after: number | undefined) => EventPage = () => page([], 7)) {
  const socket = scriptedSocket();
  const asked: Array<number | undefined> = [];
  const said: string[] = [];
  const read = async (from: number | undefined): Promise<EventPage> => {
    asked.push(from);
    return answer(from);
  };
  const note = (text: string): void => void said.push(text);
  const { signal } = new AbortController();
  const records = followEvents({ socket, topic, after, read, note, signal, pollMs: 5, joinMs: 5 });
  return { socket, asked, said, records };
}

const page = (seqs: number[], last: number, through = last): EventPage => ({ events: seqs.map(at), last, through });

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
  const { socket, records, asked } = followed(undefined);
  const taken = take(records, 3);
  const channel = await socket.nextJoin(topic);
  expect(channel.params()).toEqual({ after: 7 });
  expect(asked[0]).toBeUndefined();
  channel.accept({ last: 7 });
  for (const seq of [8, 8, 7, 9]) channel.emit('event', at(seq));
  channel.emit(REJOINED_EVENT, { last: 11 });
  for (const seq of [9, 11]) channel.emit('event', at(seq));
  expect(await taken).toEqual([8, 9, 11]);
  expect(channel.params()).toEqual({ after: 11 });
  expect(channel.left).toBe(true);
});

test('what is gone is a gap, without what was handed over before', async () => {
  const { socket, records } = followed(5, () => page([], 5));
  const taken = take(records);
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
  const { socket, records } = followed(0, () => page([], 0));
  const taken = take(records);
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
  const { socket, records } = followed(900, () => page([], 2));
  const taken = take(records);
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 2 });
  channel.emit('event', at(3));
  channel.close();
  expect(await taken).toEqual([3]);
});

test('another failure of the channel is told', async () => {
  const { socket, records } = followed(0, () => page([], 0));
  const taken = take(records);
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 0 });
  channel.close(new RigError({ code: 'RIG_NOT_SIGNED_IN', message: 'no' }));
  await expect(taken).rejects.toMatchObject({ code: 'RIG_NOT_SIGNED_IN' });
});

test('where no join succeeds Max is asked by HTTP, which is said, and so is the end of that', async () => {
  const pages = [page([2], 3, 2), page([3], 4), page([], 4)];
  const { socket, records, said, asked } = followed(1, () => pages.shift() ?? page([], 4));
  const taken = take(records);
  (await socket.nextJoin(topic)).refuse('RIG_TIMEOUT');
  await expect.poll(() => said).toEqual(['Asking Max by HTTP until its socket delivers again']);
  await expect.poll(() => pages).toEqual([]);
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 4 });
  await expect.poll(() => said[1]).toBe('The socket of Max delivers: no longer asking by HTTP');
  channel.emit('event', at(5));
  channel.close();
  expect(await taken).toEqual([2, 3, 5]);
  expect(asked.slice(0, 3)).toEqual([1, 2, 4]);
});

test('what was got by HTTP meanwhile is not given again, and what was not is not left out', async () => {
  const { socket, records } = followed(0, (after) => (after === 0 ? page([1, 2], 2) : page([], 2)));
  const taken = take(records);
  const channel = await socket.nextJoin(topic);
  channel.accept({ last: 0 });
  socket.setState({ state: 'reconnecting', reason: 'cut' });
  await expect.poll(() => channel.params()).toEqual({ after: 2 });
  socket.setState({ state: 'open' });
  channel.emit(REJOINED_EVENT, { last: 4 });
  for (const seq of [1, 2, 3, 4]) channel.emit('event', at(seq));
  channel.close();
  expect(await taken).toEqual([1, 2, 3, 4]);
});

test('an end that the socket could not tell is read by HTTP', async () => {
  const end = { ...at(2), type: 'app.deleted' };
  const { socket, records } = followed(0, () => ({ events: [at(1), end], last: 2, through: 2 }));
  const taken = take(records);
  (await socket.nextJoin(topic)).refuse('RIG_APP_NOT_FOUND');
  expect(await taken).toEqual([1, 2]);
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
