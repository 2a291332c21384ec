import { describe, expect, test } from 'vitest';
import type { Http } from '../../../../plugin-api/src/index.ts';
import type { LogLine } from '../../../../plugin-api/src/max/index.ts';
import { followBuildLog } from '../../../../plugins/deploy/src/follow/build-log.ts';
import { scriptedSocket } from '../../../support/scripted-socket.ts';

const line = (seq: number): LogLine => ({ seq, at: '', instance: 'build', stream: 'stdout', text: `line ${seq}` });
const lines = (from: number, to: number): LogLine[] => Array.from({ length: to - from + 1 }, (_, i) => line(from + i));

function start(http: Partial<Http> = {}, endMs = 20) {
  const socket = scriptedSocket();
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const onGap = (from: number, to: number): void => void printed.push(`gap ${from}-${to}`);
  const log = followBuildLog({
    http: http as Http,
    socket,
    path: '/logs',
    buildId: 'b',
    print,
    onGap,
    endMs,
    pollMs: 2,
  });
  return { socket, printed, log };
}

describe('followBuildLog', () => {
  test('prints every line once, acknowledges, and ends with the log', async () => {
    const { socket, printed, log } = start({}, 60_000);
    const channel = await socket.nextJoin('logs:build:b');
    expect(channel.params()).toEqual({ after: 0 });
    channel.accept({ last: 0, window: 8 });
    channel.emit('lines', { lines: lines(1, 3) });
    channel.emit('lines', { lines: lines(2, 4) });
    channel.emit('lines', { gap: { from: 5, to: 6 } });
    channel.emit('lines', { lines: lines(7, 7) });
    channel.emit('end', { last: 7 });
    await log.finish();
    expect(printed).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'gap 5-6', 'line 7']);
    expect(channel.sent.at(0)).toEqual({ event: 'ack', payload: { seq: 3 } });
    expect(channel.left).toBe(true);
    // A rejoin would go on where it stopped.
    expect(channel.params()).toEqual({ after: 7 });
  });

  test('what the socket did not deliver comes by HTTP at the end', async () => {
    const asked: unknown[] = [];
    // A page at a time: a long log has several.
    const get = async (path: string, options: { query: { after: number } }) => {
      asked.push([path, options]);
      const { after } = options.query;
      return { lines: lines(after + 1, Math.min(7, after + 3)), last: 7, through: Math.min(7, after + 3) };
    };
    const { socket, printed, log } = start({ get } as Partial<Http>);
    const channel = await socket.nextJoin('logs:build:b');
    channel.accept({ last: 0, window: 100 });
    channel.emit('lines', { lines: lines(1, 2) });
    await log.finish();
    expect(printed).toEqual(lines(1, 7).map(({ text }) => text));
    expect(asked).toEqual([2, 5].map((after) => ['/logs', { query: { after, lines: 1000 } }]));
  });

  test('is shown as it grows while the socket is dead, and joined again', async () => {
    let end = 0;
    const get = async (_path: string, { query }: { query: { after: number } }) => {
      end += 1;
      return { lines: lines(query.after + 1, end), last: end, through: end };
    };
    const { socket, printed, log } = start({ get } as Partial<Http>, 60_000);
    socket.setState({ state: 'reconnecting' });
    const channel = await socket.nextJoin('logs:build:b');
    await expect.poll(() => printed.length).toBeGreaterThan(2);
    socket.setState({ state: 'open' });
    channel.accept({ last: end, window: 100 });
    const from = printed.length;
    channel.emit('lines', { lines: lines(1, 50) });
    channel.emit('end', { last: 50 });
    await log.finish();
    expect(from).toBeLessThan(50);
    expect(printed).toEqual(lines(1, 50).map(({ text }) => text));
  });

  test('a log that cannot be joined, nor asked for, fails nothing', async () => {
    const get = async (): Promise<never> => {
      throw new Error('down');
    };
    const { socket, printed, log } = start({ get } as Partial<Http>);
    (await socket.nextJoin('logs:build:b')).refuse('RIG_JOIN_REFUSED');
    await log.finish();
    expect(printed).toEqual([]);
  });
});
