import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ChaosPump, type ChaosRules } from './chaos-pump.ts';
import { ChaosRandom, chaosSeed } from './chaos-random.ts';

/** What a connection carries: a socket of channels, or requests. */
export type LinkKind = 'socket' | 'http';

/**
 * How a connection ends: `reset` at both ends at once, `end` in order at both, `half-client` or `half-server` in one
 * direction alone, the other stays open and silent.
 */
export type CutKind = 'reset' | 'end' | 'half-client' | 'half-server';

/** All there are. */
export const CUT_KINDS: readonly CutKind[] = ['reset', 'end', 'half-client', 'half-server'];

/** A connection through the proxy. */
class Link {
  kind: LinkKind | undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: ChaosPump;
  readonly #down: ChaosPump;
  cut = false;
  readonly #onCut: () => void;

  constructor(
    client: Socket,
    server: Socket,
    random: ChaosRandom,
    rules: (kind: LinkKind | undefined) => ChaosRules,
    onCut: () => void,
  ) {
    this.#onCut = onCut;
    this.#client = client;
    this.#server = server;
    // Before the pump hears of it: the rules depend on what the connection is for.
    client.once('data', (first: Buffer) => {
      this.kind = first.toString('latin1', 0, 11).startsWith('GET /socket') ? 'socket' : 'http';
    });
    this.#up = new ChaosPump(client, server, random.fork(1), () => rules(this.kind));
    this.#down = new ChaosPump(server, client, random.fork(2), () => rules(this.kind));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      // After a cut of one direction, the other one goes on as long as its ends want.
      one.on('close', () => {
        if (!this.cut) other.destroy();
      });
    }
  }

  end(how: CutKind): void {
    if (this.cut) return;
    this.cut = true;
    this.#onCut();
    if (how !== 'half-server') this.#down.stop();
    if (how !== 'half-client') this.#up.stop();
    if (how === 'reset') for (const end of [this.#client, this.#server]) end.resetAndDestroy();
    if (how === 'end' || how === 'half-client') this.#client.end();
    if (how === 'end' || how === 'half-server') this.#server.end();
  }

  /** Ends after so many more bytes have gone to the client, wherever in a frame that is. */
  endAfter(bytes: number, how: CutKind): void {
    this.#down.spendAfter(bytes, () => this.end(how));
  }

  wake(): void {
    this.#up.wake();
    this.#down.wake();
  }

  destroy(): void {
    this.#up.stop();
    this.#down.stop();
    this.#client.destroy();
    this.#server.destroy();
  }
}

/** A TCP proxy that treats its connections badly, in a way that its seed repeats. */
export class ChaosProxy {
  readonly seed: number;
  /** For whoever decides when something happens. */
  readonly random: ChaosRandom;
  port = 0;
  /** Connections that were cut. */
  cuts = 0;
  /** Connections that were made, of both kinds. */
  connections = 0;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #links = new Set<Link>();
  readonly #target: number;
  readonly #rules: Record<LinkKind, ChaosRules> = { socket: {}, http: {} };
  #waiting: Array<() => void> = [];

  private constructor(target: number, seed: number) {
    this.#target = target;
    this.seed = seed;
    this.random = new ChaosRandom(seed);
  }

  /** Starts a proxy on any free port of this machine; prints its seed, which `CHAOS_SEED` repeats. */
  static async to(target: number, seed = chaosSeed()): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(target, seed);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.port = (proxy.#server.address() as AddressInfo).port;
    process.stderr.write(`chaos proxy: CHAOS_SEED=${seed}\n`);
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sets what happens to the bytes of connections of a kind, those that are open too. */
  rule(kind: LinkKind, rules: ChaosRules): void {
    this.#rules[kind] = rules;
    for (const link of this.#links) link.wake();
  }

  /** Open connections of a kind. */
  open(kind: LinkKind): number {
    return this.#of(kind).length;
  }

  /** Settles when a connection of a kind is open. */
  async opened(kind: LinkKind): Promise<void> {
    while (this.open(kind) === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Cuts every connection of a kind; gives their number. */
  cut(kind: LinkKind, how: CutKind = 'reset'): number {
    const links = this.#of(kind);
    for (const link of links) link.end(how);
    return links.length;
  }

  /** Cuts every connection of a kind once so many more bytes have gone to the client. */
  cutAfter(kind: LinkKind, bytes: number, how: CutKind = 'reset'): void {
    for (const link of this.#of(kind)) link.endAfter(bytes, how);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const link of this.#links) link.destroy();
    await closed;
  }

  #of(kind: LinkKind): Link[] {
    return [...this.#links].filter((link) => link.kind === kind && !link.cut);
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    for (const end of [client, server]) end.setNoDelay(true);
    this.connections += 1;
    const random = new ChaosRandom(this.seed).fork(this.connections);
    const rulesOf = (kind: LinkKind | undefined): ChaosRules => (kind === undefined ? {} : this.#rules[kind]);
    const link = new Link(client, server, random, rulesOf, () => {
      this.cuts += 1;
    });
    this.#links.add(link);
    let open = 2;
    for (const end of [client, server])
      end.once('close', () => {
        open -= 1;
        if (open === 0) this.#links.delete(link);
      });
    client.once('data', () => {
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }
}
