import type { Http, Socket } from '@rig/plugin-api';
import type { LogAck, LogBatch, LogEnd, LogJoined, LogPage } from '@rig/plugin-api/max';

/** Milliseconds to wait for a log's end once its build is known to be over. */
const END_MS = 3000;

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
}

/** Follows `logs:build:ID` by sequence number; a reconnect goes on after the last line that was printed. */
export function followBuildLog(options: BuildLogOptions): BuildLog {
  const { http, socket, path, buildId, print, onGap, endMs = END_MS } = options;
  const stop = new AbortController();
  let last = 0;
  let ended = false;

  const take = (batch: LogBatch): void => {
    if ('gap' in batch) {
      if (batch.gap.to > last) onGap(batch.gap.from, batch.gap.to);
      last = Math.max(last, batch.gap.to);
      return;
    }
    for (const line of batch.lines) {
      if (line.seq <= last) continue;
      last = line.seq;
      print(line.text);
    }
  };

  const follow = async (): Promise<void> => {
    const join = { patient: true, overflow: 'window', signal: stop.signal } as const;
    const channel = await socket.join<LogJoined>(`logs:build:${buildId}`, () => ({ after: last }), join);
    const leave = (): void => void channel.leave().catch(() => {});
    if (stop.signal.aborted) return leave();
    stop.signal.addEventListener('abort', leave, { once: true });
    const due = Math.max(1, Math.floor(channel.joined.window / 4));
    let acked = last;
    for await (const { event, payload } of channel.events<LogBatch | LogEnd>()) {
      if (event === 'lines') take(payload as LogBatch);
      if (event === 'end' && last >= (payload as LogEnd).last) {
        ended = true;
        return leave();
      }
      if (last - acked < due) continue;
      channel.send('ack', { seq: last } satisfies LogAck);
      acked = last;
    }
  };

  // A log that cannot be followed does not fail the deploy: `finish` asks for the rest by HTTP.
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
      if (ended) return;
      const rest = await http.get<LogPage>(path, { query: { after: last, lines: 10_000 } }).catch(() => undefined);
      if (rest !== undefined) take({ lines: rest.lines });
    },
  };
}
