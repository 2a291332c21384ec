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
  const log = followBuildLog({ http: http as Http, socket, path: '/logs', buildId: 'b', print, onGap, endMs });
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
    const get = async (path: string, options: unknown) => {
      asked.push([path, options]);
      return { lines: lines(3, 5), last: 5 };
    };
    const { socket, printed, log } = start({ get } as Partial<Http>);
    const channel = await socket.nextJoin('logs:build:b');
    channel.accept({ last: 0, window: 100 });
    channel.emit('lines', { lines: lines(1, 2) });
    await log.finish();
    expect(printed).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
    expect(asked).toEqual([['/logs', { query: { after: 2, lines: 10_000 } }]]);
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
