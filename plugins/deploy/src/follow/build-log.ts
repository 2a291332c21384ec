import { type Http, LiveTopic, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { LogAck, LogBatch, LogEnd, LogJoined, LogPage } from '@rig/plugin-api/max';

/** Milliseconds to wait for a log's end once its build is known to be over. */
const END_MS = 3000;

/** Milliseconds between two questions by HTTP while the socket is down. */
const POLL_MS = 2000;

/** Lines that are asked for at once. */
const PAGE_LINES = 1000;

/** Prints a build's log as it grows. */
export interface BuildLog {
  /** Call when the build is over: settles when every line was printed, by HTTP where the socket does not deliver. */
  finish(): Promise<void>;
  /** Stops at once. */
  stop(): void;
}

/** What is followed. */
export interface BuildLogOptions {
  http: Http;
  socket: Socket;
  /** `…/builds/:id/logs`. */
  path: string;
  buildId: string;
  print: (text: string) => void;
  /** Says that lines are missing. */
  onGap: (from: number, to: number) => void;
  endMs?: number;
  pollMs?: number;
}

/** Follows `logs:build:ID` by sequence number, over every reconnect; by HTTP while the socket does not deliver. */
export function followBuildLog(options: BuildLogOptions): BuildLog {
  const { http, socket, path, buildId, print, onGap, endMs = END_MS, pollMs = POLL_MS } = options;
  const stop = new AbortController();
  const { signal } = stop;
  let last = 0;
  let ended = false;

  const take = (batch: LogBatch): void => {
    if ('gap' in batch) {
      const { from, to } = batch.gap;
      if (to > last) onGap(Math.max(from, last + 1), to);
      last = Math.max(last, to);
      return;
    }
    for (const line of batch.lines) {
      if (line.seq <= last) continue;
      last = line.seq;
      print(line.text);
    }
  };

  const readOn = async (): Promise<void> => {
    for (;;) {
      const page = await http.get<LogPage>(path, { query: { after: last, lines: PAGE_LINES } });
      if (page.gap !== undefined) take({ gap: page.gap });
      take({ lines: page.lines });
      if (page.lines.length === 0 || page.through >= page.last) return;
    }
  };

  const follow = async (): Promise<void> => {
    const topic = `logs:build:${buildId}`;
    const live = new LiveTopic({
      socket,
      topic,
      params: () => ({ after: last }),
      queue: { overflow: 'window' },
      signal,
    });
    let due = 1;
    let acked = 0;
    while (!ended) {
      const news = await live.next({ deadMs: pollMs });
      if (signal.aborted) return;
      if (news.kind !== 'event') {
        // A log that cannot be read now does not fail the deploy: `finish` asks for the rest.
        await readOn().catch(() => {});
      } else if (news.event === REJOINED_EVENT) {
        // A quarter of the window: Max never has to stop for an acknowledgement that is on its way.
        due = Math.max(1, Math.floor((news.payload as LogJoined).window / 4));
        acked = last;
      } else if (news.event === 'lines') {
        take(news.payload as LogBatch);
        if (last - acked < due) continue;
        live.send('ack', { seq: last } satisfies LogAck);
        acked = last;
      } else if (news.event === 'end') {
        ended = last >= (news.payload as LogEnd).last;
      }
    }
    stop.abort();
  };

  // What cannot be printed is the output's affair, and told there.
  const following = follow().catch(() => {});
  return {
    stop: () => stop.abort(),
    async finish() {
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, endMs);
      });
      await Promise.race([following, deadline]);
      clearTimeout(timer);
      stop.abort();
      if (!ended) await readOn().catch(() => {});
    },
  };
}
