import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, type Reply } from '../unit/max/max-kit.ts';
import { BUILT_MAX, type MaxProcess, spawnMax, startMax } from '../unit/max/max-process.ts';
import { get } from '../unit/max/runtime/kit.ts';

/** What a check of the soak found wrong. */
export class Broken extends Error {}

/** Fails the soak where something does not hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** How long something may take that must come about by itself, on a machine with much else to do. */
const EVENTUALLY_MS = 90_000;

/** Waits for what must come about by itself; `look` gives what it waits for, or says what is still wrong. */
export async function eventually<T>(what: string, look: () => Promise<{ found: T } | string>): Promise<T> {
  const deadline = Date.now() + EVENTUALLY_MS;
  for (;;) {
    const seen = await look();
    if (typeof seen !== 'string') return seen.found;
    must(Date.now() < deadline, `${what}: ${seen}`);
    await delay(20);
  }
}

/** A real Max that is killed and started again on the same folder and port. */
export class MaxUnderFire {
  readonly dir = join(mkdtempSync(join(tmpdir(), 'max-soak-')), 'state');
  port = 0;
  #max: MaxProcess | undefined;
  #token = '';
  /** Requests until something is done amid one. */
  #fuse: { left: number; blow: () => void } | undefined;

  /** Starts it; when this resolves it says that it serves. */
  async up(): Promise<void> {
    const max = await spawnMax(this.dir, this.#args, BUILT_MAX);
    must(max.first.kind === 'ready', `Max did not come up: ${JSON.stringify(max.first)}`);
    this.#max = max;
    this.port = max.port;
    must(this.#token === '' || this.#token === max.token, "the owner's token was replaced");
    this.#token = max.token;
  }

  /** Starts it and kills it so long after, whether it serves by then or not. */
  async upAndKilled(afterMs: number): Promise<void> {
    const child = startMax(this.dir, this.#args, BUILT_MAX);
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    await Promise.race([delay(afterMs), ended]);
    child.kill('SIGKILL');
    const [code] = await ended;
    must(code === null, `Max ended with ${code} while it started\n${this.lastLog()}`);
  }

  /** Ends it by a signal; resolves when its process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#fuse = undefined;
    const max = this.#max;
    this.#max = undefined;
    if (max === undefined) return;
    must(runs(max.child), `Max ended by itself\n${max.stderr()}\n${this.lastLog()}`);
    await max.end(signal);
  }

  /** Calls `blow` amid the request of that number, counted from now. */
  light(requests: number, blow: () => void): void {
    this.#fuse = { left: requests, blow };
  }

  /** Asks the API; `undefined` where no whole answer came, as Max was killed. */
  async ask(method: string, path: string, json?: unknown, key?: string, token?: string): Promise<Reply | undefined> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const body = json === undefined ? {} : { json };
    const answered = ask(this.port, token ?? this.#token, method, path, { headers, ...body });
    if (this.#fuse !== undefined) {
      this.#fuse.left -= 1;
      if (this.#fuse.left === 0) this.#fuse.blow();
    }
    return answered.catch(() => undefined);
  }

  /** Sends bytes as a pack; `undefined` where no whole answer came. */
  async sendPack(path: string, body: Buffer): Promise<Reply | undefined> {
    const headers = { 'content-type': 'application/vnd.max.pack' };
    return ask(this.port, this.#token, 'POST', path, { headers, body }).catch(() => undefined);
  }

  /** Asks the API of a Max that nobody kills at the moment. */
  async sure(method: string, path: string, json?: unknown, key?: string): Promise<Reply> {
    const reply = await this.ask(method, path, json, key);
    must(reply !== undefined, `${method} ${path} was not answered by a Max that runs\n${this.lastLog()}`);
    return reply;
  }

  /** Every item of a list, page by page. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor = '';
    do {
      const { status, json, text } = await this.sure('GET', `${path}?limit=500${cursor}`);
      must(status === 200, `GET ${path} was answered with ${status}: ${text}`);
      items.push(...json.items);
      cursor = json.next === null ? '' : `&cursor=${encodeURIComponent(json.next)}`;
    } while (cursor !== '');
    return items;
  }

  /** Asks an app through the router. */
  app(name: string, path = '/'): ReturnType<typeof get> {
    return get(this.port, `${name}.localhost`, path);
  }

  /** The last that Max said in its own log. */
  lastLog(): string {
    try {
      return readFileSync(join(this.dir, 'max.log'), 'utf8').split('\n').slice(-25).join('\n');
    } catch {
      return '';
    }
  }

  /** Ends Max and its apps, and removes everything. */
  async remove(): Promise<void> {
    const max = this.#max;
    this.#max = undefined;
    if (max !== undefined && runs(max.child)) await max.end('SIGKILL');
    const errand = await spawnMax(this.dir, ['--task', 'reset'], BUILT_MAX);
    await errand.end('SIGTERM');
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
  }

  get #args(): string[] {
    return ['--port', String(this.port)];
  }
}

const runs = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
