import { isPassing, LiveTopic, REJOINED_EVENT, type Socket } from '@rig/plugin-api';
import type { MetricsJoined, MetricsSample } from '@rig/plugin-api/max';
import type { Connection } from './snapshot.ts';

/** Where figures come from. */
export interface SamplesOptions {
  socket: Socket;
  /** `metrics:user:ID`, `metrics:network:ID` or `metrics:app:ID`. */
  topic: string;
  /** Asks for the last sample by HTTP. */
  read: () => Promise<MetricsSample>;
  /** Told at each change of how the figures come. */
  tell: (state: Connection['state'], reason: string | null) => void;
  signal: AbortSignal;
  /** Milliseconds without a sample after which Max is asked by HTTP although its socket is open. */
  quietMs?: number;
  /** Milliseconds between two questions while its socket does not deliver. */
  pollMs?: number;
  /** Milliseconds for the answer to a join, and between two joins that failed. */
  joinMs?: number;
}

/**
 * Samples as Max sends them, each second; while its socket does not deliver those that it gives by HTTP. Ends when
 * `signal` is aborted.
 *
 * @throws what no patience can mend, for instance because the network was deleted
 */
export async function* followSamples(options: SamplesOptions): AsyncGenerator<MetricsSample> {
  const { socket, topic, read, tell, signal, quietMs = 4000, pollMs = 2000, joinMs = 3000 } = options;
  // A sample stands for itself: of those that waited the newest is enough.
  const queue = { overflow: 'drop-oldest', mostUnread: 4 } as const;
  const live = new LiveTopic({ socket, topic, params: () => ({}), queue, signal, joinMs });
  for (;;) {
    const news = await live.next({ liveMs: quietMs, deadMs: pollMs });
    if (signal.aborted) return;
    if (news.kind === 'event') {
      const sample = sampleOf(news.event, news.payload);
      if (sample === undefined) continue;
      tell('live', null);
      yield sample;
      continue;
    }
    if (news.kind === 'failed' && !isPassing(news.error)) throw news.error;
    try {
      const sample = await read();
      if (!live.isLive) tell('polling', socket.state.reason ?? 'the socket of Max does not deliver');
      yield sample;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      tell('offline', (error as Error).message);
    }
  }
}

function sampleOf(event: string, payload: unknown): MetricsSample | undefined {
  if (event === 'sample') return payload as MetricsSample;
  return event === REJOINED_EVENT ? ((payload as MetricsJoined).sample ?? undefined) : undefined;
}
