import type { MetricsJoined } from '@rig/plugin-api/max';
import type { Core } from '../core.ts';
import type { StoredEvent } from '../events.ts';
import { type Selector, sampleOf } from '../metrics/snapshot.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endOfApp, endWith } from './end-with.ts';
import type { MetricsTopics } from './metrics-topics.ts';
import { type JoinRefusal, refuseJoin } from './refusal.ts';

/** What is followed, and which event ends it. */
interface Followed {
  of: Selector;
  isEnd?(event: StoredEvent): boolean;
}

/** `metrics:user:ID`, `metrics:network:ID` and `metrics:app:ID`: the figures of each second, while the client keeps up. */
export class MetricsChannel extends Channel<SocketAssigns> {
  readonly #core: Core;
  readonly #topics: MetricsTopics;
  #leave: (() => void) | undefined;

  constructor(core: Core, topics: MetricsTopics) {
    super();
    this.#core = core;
    this.#topics = topics;
  }

  override join(topic: string): Reply {
    const found = this.#find(topic);
    if (typeof found === 'string') return refuseJoin(topic, found);
    const { of, isEnd } = found;
    if (isEnd !== undefined) endWith(this, this.#core.events, isEnd);
    this.#leave = this.#topics.join(topic, of, this);
    const { last, intervals } = this.#core.metrics;
    const sample = last === undefined ? null : sampleOf(last, of);
    return ok({ sample, intervalMs: intervals.sampleMs } satisfies MetricsJoined);
  }

  override handleIn(): undefined {
    return undefined;
  }

  /** A sample stands for itself: what a client has not taken by the next one is not added to. */
  override leavesOut(): boolean {
    return this.socket.bufferedAmount > 0;
  }

  override terminate(): void {
    this.#leave?.();
  }

  #find(topic: string): Followed | JoinRefusal {
    const { userId, scopes } = this.assigns;
    if (!scopes.includes('read')) return 'forbidden';
    const [, kind, id = '', more] = topic.split(':');
    if (more !== undefined) return 'not_found';
    const { networks, apps } = this.#core;
    if (kind === 'user') return id === userId ? { of: { userId } } : 'forbidden';
    const owns = (networkId: string): boolean => networks.byId(networkId)?.ownerId === userId;
    if (kind === 'network' && owns(id))
      return { of: { networkId: id }, isEnd: ({ type, networkId }) => type === 'network.deleted' && networkId === id };
    const app = kind === 'app' ? apps.byId(id) : undefined;
    return app !== undefined && owns(app.networkId) ? { of: { appId: id }, isEnd: endOfApp(id) } : 'not_found';
  }
}
