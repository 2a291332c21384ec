import type { Metrics } from '../metrics/metrics.ts';
import { type Selector, type Snapshot, sampleOf } from '../metrics/snapshot.ts';
import type { Channel } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';

/** A topic that somebody follows. */
interface Followed {
  of: Selector;
  channels: Set<Channel<SocketAssigns>>;
}

/** Sends each sample once to everyone on a topic: it is put together and written as JSON once, however many follow. */
export class MetricsTopics {
  readonly #metrics: Metrics;
  readonly #topics = new Map<string, Followed>();
  #unfollow: (() => void) | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** Lets a channel have the samples of its topic; the function that it gives ends that. */
  join(topic: string, of: Selector, channel: Channel<SocketAssigns>): () => void {
    const followed = this.#topics.get(topic) ?? { of, channels: new Set() };
    followed.channels.add(channel);
    this.#topics.set(topic, followed);
    this.#unfollow ??= this.#metrics.follow((snapshot) => this.#send(snapshot));
    return () => this.#leave(topic, followed, channel);
  }

  #leave(topic: string, followed: Followed, channel: Channel<SocketAssigns>): void {
    followed.channels.delete(channel);
    if (followed.channels.size === 0 && this.#topics.get(topic) === followed) this.#topics.delete(topic);
    if (this.#topics.size > 0) return;
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  #send(snapshot: Snapshot): void {
    for (const { of, channels } of this.#topics.values()) {
      const [channel] = channels;
      channel?.broadcast('sample', sampleOf(snapshot, of));
    }
  }
}
