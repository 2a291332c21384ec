import { Pool } from 'undici';
import { readingConnector } from './reading-socket.ts';

/** An answer's first byte may take that long. */
const HEADERS_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** An instance as the router sees it: where it listens, its connections, and how busy it is. */
export class Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly #kept: Pool;
  readonly #fresh: Pool;
  readonly #held = new Set<() => void>();
  #active = 0;
  #leaving = false;
  #idle: Array<() => void> = [];

  constructor(name: string, host: string, port: number, { headersTimeoutMs = HEADERS_TIMEOUT_MS } = {}) {
    this.name = name;
    this.host = host;
    this.port = port;
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const options = {
      headersTimeout: headersTimeoutMs,
      // An event stream may be silent for as long as it likes.
      bodyTimeout: 0,
    };
    this.#kept = new Pool(origin, { ...options, connect: { timeout: CONNECT_TIMEOUT_MS } });
    this.#fresh = new Pool(origin, { ...options, connect: readingConnector(CONNECT_TIMEOUT_MS), pipelining: 0 });
  }

  /**
   * Connections for a request. An instance may close one that is kept just when it is used again, and nobody can tell whether
   * the request was read: what cannot be repeated gets a connection of its own.
   */
  connections({ repeatable }: { repeatable: boolean }): Pool {
    return repeatable ? this.#kept : this.#fresh;
  }

  /** Requests and upgraded connections under way. */
  get active(): number {
    return this.#active;
  }

  /** Whether the instance is to end: its release was replaced, or it is one too many. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Notes that the instance is to end. */
  leave(): void {
    this.#leaving = true;
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

  /** Keeps what cuts an upgraded connection, for when the target goes; the function that it gives forgets it. */
  hold(cut: () => void): () => void {
    this.#held.add(cut);
    return () => this.#held.delete(cut);
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
    for (const cut of [...this.#held]) cut();
    await Promise.all([this.#kept.destroy(), this.#fresh.destroy()]);
  }
}
