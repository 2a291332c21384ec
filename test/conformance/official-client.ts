import { type Channel, Socket } from 'phoenix';
import { WebSocket } from 'ws';

/** What an official client is given. */
export interface OfficialOptions {
  params?: Record<string, string>;
  authToken?: string;
}

/** The official client, and what became of its connection: `open`, `error`, `closed CODE`. */
export class OfficialClient {
  readonly socket: Socket;
  readonly seen: string[] = [];
  #waiting: Array<() => void> = [];

  constructor(url: string, { params, authToken }: OfficialOptions) {
    const options = {
      transport: WebSocket,
      ...(params === undefined ? {} : { params }),
      ...(authToken === undefined ? {} : { authToken }),
      heartbeatIntervalMs: 30_000,
      reconnectAfterMs: () => 50,
      rejoinAfterMs: () => 50,
    };
    this.socket = new Socket(url, options as unknown as ConstructorParameters<typeof Socket>[1]);
    this.socket.onOpen(() => this.#see('open'));
    this.socket.onError(() => this.#see('error'));
    this.socket.onClose(({ code }) => this.#see(`closed ${code}`));
    this.socket.connect();
  }

  /** Joins a topic; gives the channel and the answer, `RefusedByServer` where it is refused. */
  async join(topic: string, params: object = {}): Promise<Channel> {
    const channel = this.socket.channel(topic, params);
    await settled(channel.join());
    return channel;
  }

  /** Waits until something has been seen so many times. */
  async until(what: string, times = 1): Promise<void> {
    while (this.seen.filter((one) => one === what).length < times) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Disconnects; it stays so. */
  end(): Promise<void> {
    return new Promise((resolve) => this.socket.disconnect(() => resolve(), 1000));
  }

  #see(what: string): void {
    this.seen.push(what);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The answer to a push or a join; rejects with what an error answered, or with `timeout`. */
export function settled(push: ReturnType<Channel['push']>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    push
      .receive('ok', resolve)
      .receive('error', (answer: unknown) => reject(answer))
      .receive('timeout', () => reject(new Error('timeout')));
  });
}

/** The next event of that name. */
export function next(channel: Channel, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    const ref = channel.on(event, (payload: unknown) => {
      channel.off(event, ref);
      resolve(payload);
    });
  });
}
