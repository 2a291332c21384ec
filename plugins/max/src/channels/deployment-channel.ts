import type { Deployment, DeploymentUpdate } from '@rig/plugin-api/max';
import type { DeploymentBoard } from '../deployments/deployment-board.ts';
import type { EventLog } from '../events.ts';
import { Channel, ok, type Reply } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { endOfApp, endWith } from './end-with.ts';
import { type JoinRefusal, refuseJoin } from './refusal.ts';

/** What a deployment's channel asks for. */
export interface DeploymentChannelOptions {
  board: DeploymentBoard;
  events: EventLog;
  /** The deployment, where it is there and this user may see it. */
  find(assigns: SocketAssigns, id: string): { deployment: Deployment; appId: string } | JoinRefusal;
}

/** `deployment:ID`: the deployment at the join, then an `update` for each change. */
export class DeploymentChannel extends Channel<SocketAssigns> {
  readonly #options: DeploymentChannelOptions;
  #unfollow: (() => void) | undefined;
  #sent = 0;

  constructor(options: DeploymentChannelOptions) {
    super();
    this.#options = options;
  }

  override join(topic: string, payload: unknown): Reply {
    const id = topic.slice('deployment:'.length);
    const found = this.#options.find(this.assigns, id);
    if (typeof found === 'string') return refuseJoin(topic, found);
    const { deployment, appId } = found;
    const after = (payload as { after?: unknown } | null)?.after;
    this.#sent = Math.max(deployment.seq, typeof after === 'number' ? after : 0);
    this.#unfollow = this.#options.board.follow(id, () => this.run(() => this.#update(id)));
    endWith(this, this.#options.events, endOfApp(appId));
    return ok({ deployment } satisfies DeploymentUpdate);
  }

  override handleIn(): undefined {
    return undefined;
  }

  override terminate(): void {
    this.#unfollow?.();
  }

  /** Changes that come fast may arrive as one: the state counts, and its number rises. */
  #update(id: string): void {
    const found = this.#options.find(this.assigns, id);
    if (typeof found === 'string' || found.deployment.seq <= this.#sent) return;
    this.#sent = found.deployment.seq;
    this.push('update', { deployment: found.deployment } satisfies DeploymentUpdate);
  }
}
