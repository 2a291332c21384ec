import type { Receiver, Subscriber } from './contract.ts';
import type { Frame, Serializer } from './message.ts';

/** Who listens to which topic, over all sockets of an endpoint. */
export class TopicSubscribers {
  readonly #topics = new Map<string, Map<Subscriber, Receiver>>();

  add(topic: string, subscriber: Subscriber, receiver: Receiver): void {
    const subscribers = this.#topics.get(topic);
    if (subscribers === undefined) this.#topics.set(topic, new Map([[subscriber, receiver]]));
    else subscribers.set(subscriber, receiver);
  }

  remove(topic: string, subscriber: Subscriber): void {
    const subscribers = this.#topics.get(topic);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#topics.delete(topic);
  }

  /**
   * Sends an event to everyone on a topic but `from`. A frame is encoded once for each version of the protocol, and all
   * of them before the first is sent: what cannot be encoded reaches nobody.
   */
  broadcast(topic: string, event: string, payload: unknown, from: unknown): void {
    const subscribers = this.#topics.get(topic);
    if (subscribers === undefined) return;
    const frames = new Map<Serializer, Frame>();
    const straight: Array<[Receiver, Serializer]> = [];
    const intercepting: Subscriber[] = [];
    for (const [subscriber, receiver] of subscribers) {
      if (subscriber === from || subscriber.leavesOut(event)) continue;
      if (subscriber.intercepts(event)) {
        intercepting.push(subscriber);
        continue;
      }
      const { serializer } = receiver;
      if (!frames.has(serializer)) frames.set(serializer, serializer.broadcast(topic, event, payload));
      straight.push([receiver, serializer]);
    }
    for (const [receiver, serializer] of straight) receiver.send(frames.get(serializer) as Frame);
    for (const subscriber of intercepting) subscriber.deliverOut(event, payload);
  }
}
