import { isPassing, LiveTopic, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { LogAck, LogBatch, LogJoin, LogJoined, LogLine } from '@rig/plugin-api/max';

/** Which log is followed. */
export interface RecentLinesOptions {
  socket: Socket;
  /** Id of the app. */
  appId: string;
  /** How many lines are kept. */
  most: number;
  /** Told when there are more. */
  onChange: () => void;
  signal: AbortSignal;
}

/** The last lines of an app's log, followed over every loss of the connection. */
export class RecentLines {
  readonly #options: RecentLinesOptions;
  #lines: readonly LogLine[] = [];
  #last: number | undefined;
  #window = 1000;
  #taken = 0;

  constructor(options: RecentLinesOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Follows the log until the signal is aborted. @throws what no patience can mend */
  async follow(): Promise<void> {
    const { socket, appId, signal, most } = this.#options;
    const params = (): LogJoin => (this.#last === undefined ? { lines: most } : { after: this.#last });
    const live = new LiveTopic({ socket, topic: `logs:app:${appId}`, params, queue: { overflow: 'window' }, signal });
    for (;;) {
      const news = await live.next({ deadMs: 60_000 });
      if (signal.aborted) return;
      if (news.kind === 'failed' && !isPassing(news.error)) throw news.error;
      if (news.kind !== 'event') continue;
      if (news.event === REJOINED_EVENT) {
        this.#window = (news.payload as LogJoined).window;
        this.#taken = 0;
      } else if (news.event === 'lines') this.#take(news.payload as LogBatch, live);
    }
  }

  #take(batch: LogBatch, live: LiveTopic): void {
    const end = 'lines' in batch ? batch.lines.at(-1)?.seq : batch.gap.to;
    if (end === undefined) return;
    if ('lines' in batch) {
      const fresh = batch.lines.filter(({ seq }) => seq > (this.#last ?? 0));
      this.#lines = [...this.#lines, ...fresh].slice(-this.#options.most);
      this.#taken += batch.lines.length;
      this.#options.onChange();
    } else this.#taken += batch.gap.to - batch.gap.from + 1;
    this.#last = Math.max(this.#last ?? 0, end);
    if (this.#taken < this.#window / 4) return;
    this.#taken = 0;
    live.send('ack', { seq: end } satisfies LogAck);
  }
}
