import { type ChannelEvent, type EventGap, GAP_EVENT } from '@rig/plugin-api';

/** Events of one topic that may wait for the taps. */
const most = 1000;

interface Batch {
  events: ChannelEvent[];
  dropped: number;
}

/** Tells taps of what channels receive: in batches, one at a time, and never at the cost of whoever reads the channel. */
export class EventTaps {
  readonly #fire: (topic: string, events: readonly ChannelEvent[]) => Promise<unknown>;
  readonly #waiting = new Map<string, Batch>();
  #running: Promise<void> | undefined;

  /** @param fire tells the taps; what it fails with is its own affair */
  constructor(fire: (topic: string, events: readonly ChannelEvent[]) => Promise<unknown>) {
    this.#fire = fire;
  }

  /** Takes an event; what has come together is told together. */
  received(topic: string, event: ChannelEvent): void {
    const batch = this.#waiting.get(topic) ?? { events: [], dropped: 0 };
    this.#waiting.set(topic, batch);
    batch.events.push(event);
    if (batch.events.length > most) {
      batch.events.shift();
      batch.dropped += 1;
    }
    this.#running ??= this.#run();
  }

  /** Settles when the taps have been told of everything. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const [topic, { events, dropped }] of this.#waiting) {
      this.#waiting.delete(topic);
      const gap: ChannelEvent<EventGap>[] = dropped > 0 ? [{ event: GAP_EVENT, payload: { dropped } }] : [];
      await this.#fire(topic, [...gap, ...events]).catch(() => {});
    }
    this.#running = undefined;
    if (this.#waiting.size > 0) this.#running = this.#run();
  }
}
