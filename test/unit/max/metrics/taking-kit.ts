import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Usage } from '../../../../plugins/max/src/engine/usage.ts';
import { Metrics, type MetricsOptions } from '../../../../plugins/max/src/metrics/metrics.ts';
import { RequestMeters } from '../../../../plugins/max/src/metrics/request-meters.ts';

/** The minute at which the clock of a test stands first. */
export const NOON = Date.UTC(2026, 0, 2, 12);

/** Figures of one app, `web.net` with one instance, by a clock that the test sets and of which the rest of it does nothing. */
export class Taking {
  readonly dir = join(mkdtempSync(join(tmpdir(), 'max-taking-')), 'metrics');
  readonly lines: string[] = [];
  readonly requests = new RequestMeters();
  /** Why the disk has no room, where it has none. */
  lack: string | undefined;
  /** Looks at processes; gives what the instance has used. */
  usage: () => Promise<Partial<Usage>> = async () => ({});
  metrics: Metrics;

  constructor() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: NOON });
    this.metrics = this.#make();
  }

  /** Begins, once what was kept is read. */
  async start(): Promise<void> {
    this.metrics.start();
    const ticks = (): void => {
      if (vi.getTimerCount() === 0) throw new Error('it does not tick yet');
    };
    await vi.waitFor(ticks, { timeout: 30_000 });
  }

  /** Ends it and starts another on the same folder. */
  async restart(): Promise<void> {
    await this.metrics.stop();
    this.metrics = this.#make();
    await this.start();
  }

  /** Lets seconds go by. */
  async pass(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
  }

  /** Answers so many requests of the app. */
  answer(count: number, status = 200): void {
    for (let index = 0; index < count; index += 1) this.requests.answered('app_web', status, 5);
  }

  /** Ends and seconds of points, by the clock of the test, with their requests. */
  points(resolution: 1 | 60): Array<[at: number, seconds: number, requests: number]> {
    const { points } = this.metrics.history('app_web', resolution, 0, Number.POSITIVE_INFINITY);
    return points.map(({ at, seconds, requests }) => [(Date.parse(at) - NOON) / 1000, seconds, requests]);
  }

  /** Ends everything. */
  async remove(): Promise<void> {
    await this.metrics.stop();
    vi.useRealTimers();
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
  }

  #make(): Metrics {
    const app = { id: 'app_web', name: 'web', networkId: 'net_1', network: 'net', ownerId: 'usr_1' };
    const instance = { id: 'ins_1', name: 'web.1', state: 'healthy', restarts: 0, pid: 1, serves: true } as const;
    const parts = {
      database: { all: () => [app] },
      events: { listen: () => () => undefined },
      runtime: {
        running: () => ({ state: 'running', release: 1, instances: [instance] }),
        usage: async () => new Map([['ins_1', { cpuSeconds: 0, memoryBytes: 0, sockets: 0, ...(await this.usage()) }]]),
      },
      requests: this.requests,
      room: { lack: () => this.lack },
    } as unknown as MetricsOptions;
    return new Metrics({ ...parts, dir: this.dir, log: (text) => this.lines.push(text) });
  }
}
