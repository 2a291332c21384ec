import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import type { LiveDashboard } from '../../../../plugins/dashboard/src/model/live-dashboard.ts';
import { Board } from '../../../../plugins/dashboard/src/web/board.ts';
import { SharedApps } from '../../../../plugins/dashboard/src/web/shared-apps.ts';
import { Tab } from '../../../../plugins/dashboard/src/web/tab.ts';

/** A socket whose other end reads as fast as the test says. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closedWith: number | undefined;
  types: string[] = [];
  send(text: string): void {
    this.types.push((JSON.parse(text) as { type: string }).type);
  }
  close(code: number): void {
    this.closedWith = code;
    this.readyState = 3;
    this.emit('close');
  }
  terminate(): void {
    this.close(1006);
  }
  ping(): void {}
  /** What came since the last time. */
  news(): string[] {
    return this.types.splice(0);
  }
}

function setUp() {
  let second = 0;
  const app = { id: 'app_1', app: 'api', network: 'shop', latencyMs: null, requestsPerSecond: 0, errorsPerSecond: 0 };
  const snapshot = () => ({
    ...{ at: new Date(second * 1000).toISOString(), apps: [{ ...app, cpu: second, memoryBytes: 0 }], events: [] },
    ...{ connection: { state: 'live', reason: null, since: '' }, panels: [], server: '', context: null },
  });
  const model = { snapshot, figure: () => [], second } as unknown as LiveDashboard;
  const board = new Board(model);
  const socket = new SlowSocket();
  const tab = new Tab({
    socket: socket as unknown as WebSocket,
    model,
    board,
    apps: new SharedApps(model),
    version: '1',
  });
  const pass = (): void => {
    second += 1;
    board.update();
    tab.update();
  };
  return { socket, tab, pass };
}

describe('a tab', () => {
  test('gets everything once, and then what has changed', () => {
    const { socket, tab, pass } = setUp();
    expect(socket.news()).toEqual(['hello', 'connection', 'events', 'panels', 'rows']);
    tab.update();
    expect(socket.news()).toEqual([]);
    pass();
    expect(socket.news()).toEqual(['changes']);
    tab.end(null);
    expect(socket.news()).toEqual(['bye']);
  });

  test('that is slow gets nothing meanwhile, and then what is there, not all that was', () => {
    vi.useFakeTimers();
    try {
      const { socket, tab, pass } = setUp();
      socket.news();
      socket.bufferedAmount = 10 ** 6;
      for (let i = 0; i < 100; i++) pass();
      expect(socket.news()).toEqual([]);
      socket.bufferedAmount = 0;
      vi.advanceTimersByTime(300);
      expect(socket.news()).toEqual(['rows']);
      tab.end(null);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that gives no sign of life is let go', () => {
    vi.useFakeTimers();
    try {
      const { socket } = setUp();
      vi.advanceTimersByTime(30_000);
      expect(socket.closedWith).toBeUndefined();
      socket.emit('pong');
      vi.advanceTimersByTime(45_000);
      expect(socket.closedWith).toBeUndefined();
      vi.advanceTimersByTime(30_000);
      expect(socket.closedWith).toBe(1006);
    } finally {
      vi.useRealTimers();
    }
  });
});
