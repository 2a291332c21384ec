import type { NetworkLogAck, NetworkLogJoin, NetworkLogJoined } from '@rig/plugin-api/max';
import type { EventLog, StoredEvent } from '../events.ts';
import { FOLLOW_WINDOW } from '../logs/follower.ts';
import type { Log } from '../logs/log.ts';
import { networkBounds } from '../logs/network-bounds.ts';
import { type FollowedApp, NetworkFollower } from '../logs/network-follower.ts';
import { iso, readSelection } from '../logs/selection.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endWith } from './end-with.ts';
import { BUFFERED_BYTES } from './log-channel.ts';
import { failedOf, refuseSelection } from './log-refusal.ts';
import { type JoinRefusal, refuseJoin } from './refusal.ts';

/** A network whose apps' logs may be followed. */
export interface FollowedNetwork {
  id: string;
  /** Its apps now. */
  apps(): Array<{ id: string; name: string }>;
}

/** What a network's log channel asks for. */
export interface NetworkLogOptions {
  events: EventLog;
  /** The network that the topic names, where it is there and this user may see it. */
  find(assigns: SocketAssigns, id: string): FollowedNetwork | JoinRefusal;
  logOf(appId: string): Log;
}

/** `logs:network:ID`: the lines of all apps of a network as one stream; apps that are made meanwhile join in. */
export class NetworkLogChannel extends Channel<SocketAssigns> {
  readonly #options: NetworkLogOptions;
  #follower: NetworkFollower | undefined;
  #unlisten: (() => void) | undefined;

  constructor(options: NetworkLogOptions) {
    super();
    this.#options = options;
  }

  override async join(topic: string, payload: unknown): Promise<Reply> {
    const { events, find, logOf } = this.#options;
    const network = find(this.assigns, topic.split(':').at(-1) ?? '');
    if (typeof network === 'string') return refuseJoin(topic, network);
    endWith(this, events, ({ type, networkId }) => type === 'network.deleted' && networkId === network.id);
    const params = (payload ?? {}) as NetworkLogJoin;
    try {
      const selection = readSelection((name) => (params as Record<string, unknown>)[name]);
      const logs = network.apps().map((app) => ({ ...app, log: logOf(app.id) }));
      const after = await networkBounds(logs, selection, params.after ?? {});
      const apps: FollowedApp[] = logs.map((app) => ({ ...app, after: after[app.id] ?? 0 }));
      const { filter, until } = selection;
      // Lines go out after the join's answer.
      this.run(() => {
        this.#follower = new NetworkFollower({
          apps,
          filter,
          until,
          follow: params.follow !== false,
          send: (batch) => this.push('lines', batch),
          ready: () => this.drained(BUFFERED_BYTES),
          onEnd: () => this.push('end', {}),
          onFail: (problem) => {
            this.push('failed', failedOf(problem));
            this.close();
          },
        });
        // Those that came or went while the beginning was looked for, and those to come.
        this.#match(network);
        this.#unlisten = events.listen((event) => this.#onEvent(event, network));
      });
      const joined: NetworkLogJoined = { window: FOLLOW_WINDOW, after };
      return ok(until === undefined ? joined : { ...joined, until: iso(until) });
    } catch (problem) {
      return refuseSelection(problem);
    }
  }

  override handleIn(event: string, payload: unknown): undefined {
    const { appId, seq } = (payload ?? {}) as Partial<NetworkLogAck>;
    if (event === 'ack' && typeof appId === 'string' && typeof seq === 'number')
      this.#follower?.acknowledge(appId, seq);
    return undefined;
  }

  override terminate(): void {
    this.#unlisten?.();
    this.#follower?.stop();
  }

  #onEvent({ type, networkId, appId }: StoredEvent, network: FollowedNetwork): void {
    if (networkId !== network.id) return;
    if (type === 'app.deleted' && appId !== null) this.#follower?.remove(appId);
    if (type === 'app.created' || type === 'app.updated') this.#match(network);
  }

  #match(network: FollowedNetwork): void {
    const { logOf } = this.#options;
    for (const { id, name } of network.apps()) this.#follower?.add({ id, name, log: logOf(id), after: 0 });
  }
}
