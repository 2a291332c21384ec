import type { Deployment, DeploymentUpdate } from '@rig/plugin-api/max';
import type { DeploymentBoard } from '../deployments/deployment-board.ts';
import { Channel } from '../socket/channel.ts';
import { error, ok, type Reply } from '../socket/result.ts';
import type { SocketAssigns } from './assigns.ts';

/** What a deployment's channel asks for. */
export interface DeploymentChannelOptions {
  board: DeploymentBoard;
  /** The deployment, where it is there and this user may see it. */
  find(assigns: SocketAssigns, id: string): Deployment | 'forbidden' | 'not_found';
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
    if (typeof found === 'string') return error({ reason: found });
    const after = (payload as { after?: unknown } | null)?.after;
    this.#sent = Math.max(found.seq, typeof after === 'number' ? after : 0);
    this.#unfollow = this.#options.board.follow(id, () => this.run(() => this.#update(id)));
    this.signal.addEventListener('abort', () => this.#unfollow?.(), { once: true });
    return ok({ deployment: found } satisfies DeploymentUpdate);
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
    if (typeof found === 'string' || found.seq <= this.#sent) return;
    this.#sent = found.seq;
    this.push('update', { deployment: found } satisfies DeploymentUpdate);
  }
}
