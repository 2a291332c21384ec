import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Reply } from '../unit/max/max-kit.ts';
import { type MaxProcess, spawnMax } from '../unit/max/max-process.ts';
import { get } from '../unit/max/runtime/kit.ts';

/** What a check of the soak found wrong. */
export class Broken extends Error {}

/** Fails the soak where something does not hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** A real Max that is killed and started again on the same folder and port. */
export class MaxUnderFire {
  readonly dir = join(mkdtempSync(join(tmpdir(), 'max-soak-')), 'state');
  port = 0;
  #max: MaxProcess | undefined;
  #token = '';

  /** Starts it; when this resolves it says that it serves. */
  async up(): Promise<void> {
    const max = await spawnMax(this.dir, ['--port', String(this.port)]);
    must(max.first.kind === 'ready', `Max did not come up: ${JSON.stringify(max.first)}`);
    this.#max = max;
    this.port = max.port;
    must(this.#token === '' || this.#token === max.token, "the owner's token was replaced");
    this.#token = max.token;
  }

  /** Ends it by a signal; resolves when its process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#max?.end(signal);
    this.#max = undefined;
  }

  /** Asks the API; `undefined` where no whole answer came, as Max was killed. */
  async ask(method: string, path: string, json?: unknown, key?: string): Promise<Reply | undefined> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    return ask(this.port, this.#token, method, path, { headers, ...(json === undefined ? {} : { json }) }).catch(
      () => undefined,
    );
  }

  /** Sends bytes as a pack; `undefined` where no whole answer came. */
  async sendPack(path: string, body: Buffer): Promise<Reply | undefined> {
    const headers = { 'content-type': 'application/vnd.max.pack' };
    return ask(this.port, this.#token, 'POST', path, { headers, body }).catch(() => undefined);
  }

  /** Asks the API of a Max that nobody kills at the moment. */
  async sure(method: string, path: string, json?: unknown, key?: string): Promise<Reply> {
    const reply = await this.ask(method, path, json, key);
    must(reply !== undefined, `${method} ${path} was not answered by a Max that runs`);
    return reply;
  }

  /** Asks an app through the router. */
  app(name: string, path = '/'): ReturnType<typeof get> {
    return get(this.port, `${name}.localhost`, path);
  }

  /** Numbers of the processes of an app; `undefined` where the system does not tell. */
  processesOf(appId: string): number[] | undefined {
    if (process.platform !== 'linux') return undefined;
    const home = `HOME=${join(this.dir, 'apps', appId, 'home')}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environOf(name).includes(home))
      .map(Number);
  }

  /** Ends Max and its apps, and removes everything. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    const errand = await spawnMax(this.dir, ['--task', 'reset']);
    await errand.end('SIGTERM');
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
  }
}

function environOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
