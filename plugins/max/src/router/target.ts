import type { Duplex } from 'node:stream';
import { Pool } from 'undici';

/** An answer's first byte may take that long. */
const HEADERS_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** An instance as the router sees it: where it listens, its connections, and how busy it is. */
export class Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pool: Pool;
  readonly #sockets = new Set<Duplex>();
  #active = 0;
  #idle: Array<() => void> = [];

  constructor(name: string, host: string, port: number) {
    this.name = name;
    this.host = host;
    this.port = port;
    this.pool = new Pool(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      headersTimeout: HEADERS_TIMEOUT_MS,
      // An event stream may be silent for as long as it likes.
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
  }

  /** Requests and upgraded connections under way. */
  get active(): number {
    return this.#active;
  }

  /** Counts a request in; the function that it gives counts it out, once. */
  begin(): () => void {
    this.#active += 1;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#active -= 1;
      if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  /** Keeps an upgraded connection, to be cut when the target goes. */
  hold(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Resolves when nothing is under way, at the latest after `limitMs` or when `hurry` is aborted. */
  async drained(limitMs: number, hurry: AbortSignal): Promise<void> {
    if (this.#active === 0 || hurry.aborted) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        hurry.removeEventListener('abort', settle);
        resolve();
      };
      const timer = setTimeout(settle, limitMs);
      hurry.addEventListener('abort', settle, { once: true });
      this.#idle.push(settle);
    });
  }

  /** Cuts every connection to the instance. */
  async destroy(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.pool.destroy();
  }
}
