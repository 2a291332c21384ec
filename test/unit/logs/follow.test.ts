import { describe, expect, test } from 'vitest';
import { RigError } from '../../../plugin-api/src/index.ts';
import type { LogLine } from '../../../plugin-api/src/max/index.ts';
import { type FollowOptions, followRecords } from '../../../plugins/logs/src/follow.ts';
import type { LogRecord } from '../../../plugins/logs/src/record.ts';
import { scriptedSocket } from '../../support/scripted-socket.ts';

const line = (seq: number): LogLine => ({ seq, at: '', instance: 'web.1', stream: 'stdout', text: `line ${seq}` });
const lines = (from: number, to: number): { lines: LogLine[] } => ({
  lines: Array.from({ length: to - from + 1 }, (_, i) => line(from + i)),
});

const short = (record: LogRecord): string | number =>
  'gap' in record ? `gap ${record.gap.from}-${record.gap.to}` : record.seq;

function start(options: Partial<FollowOptions> = {}) {
  const socket = scriptedSocket();
  const stop = new AbortController();
  const onClosed = async (): Promise<never> => {
    throw new RigError({ code: 'RIG_CHANNEL_CLOSED', message: 'closed' });
  };
  const records = followRecords({
    socket,
    topic: 'logs:app:a',
    selection: { lines: 100 },
    signal: stop.signal,
    onClosed,
    ...options,
  });
  const all = async (): Promise<Array<string | number>> => {
    const seen: Array<string | number> = [];
    for await (const record of records) seen.push(short(record));
    return seen;
  };
  return { socket, stop, records, all };
}

describe('followRecords', () => {
  test('begins with the last lines and ends with the log', async () => {
    const { socket, all } = start({ selection: { lines: 3 } });
    const seen = all();
    const channel = await socket.nextJoin('logs:app:a');
    expect(channel.params()).toEqual({ lines: 3 });
    expect(channel.options).toMatchObject({ patient: true });
    channel.accept({ last: 12, window: 100 });
    channel.emit('lines', lines(10, 12));
    channel.emit('lines', lines(13, 13));
    channel.emit('end', { last: 13 });
    expect(await seen).toEqual([10, 11, 12, 13]);
    expect(channel.left).toBe(true);
  });

  test('says once that there is no line yet', async () => {
    let empty = 0;
    const { socket, all } = start({ onEmpty: () => empty++, onClosed: async () => {} });
    const seen = all();
    const first = await socket.nextJoin('logs:app:a');
    first.accept({ last: 0, window: 100 });
    first.close();
    const second = await socket.nextJoin('logs:app:a');
    second.accept({ last: 0, window: 100 });
    second.emit('lines', lines(1, 1));
    second.emit('end', { last: 1 });
    expect([await seen, empty]).toEqual([[1], 1]);
  });

  test('nothing twice, gaps said, and a missing number is a gap too', async () => {
    const { socket, all } = start();
    const seen = all();
    const channel = await socket.nextJoin('logs:app:a');
    channel.accept({ last: 0, window: 100 });
    channel.emit('lines', lines(1, 3));
    channel.emit('lines', lines(2, 4));
    channel.emit('lines', { gap: { from: 3, to: 9 } });
    channel.emit('lines', { gap: { from: 5, to: 8 } });
    channel.emit('lines', lines(10, 10));
    channel.emit('lines', lines(13, 13));
    channel.emit('end', { last: 13 });
    expect(await seen).toEqual([1, 2, 3, 4, 'gap 5-9', 10, 'gap 11-12', 13]);
  });

  test('a rejoin goes on after the last line that was handed over', async () => {
    const { socket, records } = start({ selection: { lines: 5 } });
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    channel.params();
    channel.accept({ last: 7, window: 100 });
    channel.emit('lines', lines(3, 7));
    await first;
    // Five came, one was taken: the rest is still this side's to print.
    expect(channel.params()).toEqual({ after: 3 });
    for (let i = 0; i < 4; i++) await records.next();
    expect(channel.params()).toEqual({ after: 7 });
  });

  test('a link that is cut before the first line loses nothing', async () => {
    const { socket, stop, records } = start({ selection: { lines: 5 } });
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    expect(channel.params()).toEqual({ lines: 5 });
    channel.accept({ last: 40, window: 100 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(channel.params()).toEqual({ after: 35 });
    stop.abort();
    await expect(first).rejects.toBe(stop.signal.reason);
  });

  test('--lines 0 begins with what comes', async () => {
    const { socket, records } = start({ selection: { lines: 0 } });
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    expect(channel.params()).toEqual({ lines: 0 });
    channel.accept({ last: 40, window: 100 });
    channel.emit('lines', lines(41, 41));
    expect((await first).value).toMatchObject({ seq: 41 });
  });

  test('acknowledges what was taken, well before the window is full', async () => {
    const { socket, records } = start();
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    channel.accept({ last: 0, window: 40 });
    channel.emit('lines', lines(1, 40));
    await first;
    expect(channel.sent).toEqual([]);
    for (let i = 0; i < 34; i++) await records.next();
    expect(channel.sent.map(({ payload }) => payload)).toEqual([{ seq: 10 }, { seq: 20 }, { seq: 30 }]);
  });

  test('a channel that Max closed is joined once more if nothing says why', async () => {
    let closes = 0;
    const onClosed = async (): Promise<void> => {
      closes += 1;
    };
    const { socket, all } = start({ onClosed });
    const seen = all();
    const one = await socket.nextJoin('logs:app:a');
    one.accept({ last: 0, window: 100 });
    one.emit('lines', lines(1, 2));
    one.close();
    const two = await socket.nextJoin('logs:app:a');
    expect(two.params()).toEqual({ after: 2 });
    two.accept({ last: 3, window: 100 });
    two.emit('lines', lines(3, 3));
    two.emit('end', { last: 3 });
    expect(await seen).toEqual([1, 2, 3]);
    expect(closes).toBe(1);
  });

  test('a refused join is the error', async () => {
    const { socket, all } = start();
    const seen = all();
    (await socket.nextJoin('logs:app:a')).refuse('RIG_JOIN_REFUSED');
    await expect(seen).rejects.toMatchObject({ code: 'RIG_JOIN_REFUSED' });
  });

  test('fails with the reason of the signal, and leaves', async () => {
    const { socket, stop, records } = start();
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    channel.accept({ last: 0, window: 100 });
    channel.emit('lines', lines(1, 1));
    await first;
    stop.abort();
    await expect(records.next()).rejects.toBe(stop.signal.reason);
    expect(channel.left).toBe(true);
  });

  test('a reader that stops leaves the channel', async () => {
    const { socket, records } = start();
    const first = records.next();
    const channel = await socket.nextJoin('logs:app:a');
    channel.accept({ last: 0, window: 100 });
    channel.emit('lines', lines(1, 5));
    await first;
    await records.return(undefined);
    expect(channel.left).toBe(true);
  });
});
