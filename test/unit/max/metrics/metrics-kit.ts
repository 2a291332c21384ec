import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { AppMetrics, MetricsHistory, MetricsPoint, MetricsSample } from '@rig/plugin-api/max';
import { type Ask, ask, digestOf, fileEntry, makeDir, PACK, packed, type Reply } from '../max-kit.ts';
import { until } from '../runtime/kit.ts';

/** A Max in a process of its own that measures five times a second unless it is told otherwise. */
export class MeasuringMax {
  readonly dir = makeDir();
  port = 0;
  token = '';
  #child: ChildProcess | undefined;

  /** Its process. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it, or starts it again where it was. */
  async start({ sampleMs, minuteMs } = { sampleMs: 200, minuteMs: 1200 }): Promise<void> {
    const args = [this.dir, ...[this.port, sampleMs, minuteMs].map(String)];
    const child = fork(join(import.meta.dirname, 'metrics-child.ts'), args, {
      execArgv: ['--import', 'tsx', '--conditions=rig-source'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    this.port = port;
    this.token = readFileSync(join(this.dir, 'owner-token'), 'utf8').trim();
  }

  /** Ends it by a signal. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const exit = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    await exit;
  }

  /** Ends it and its apps, and removes everything. */
  async remove(): Promise<void> {
    const { json } = await this.ask('GET', '/v1/apps');
    for (const { name, network } of json.items) await this.ask('DELETE', `/v1/networks/${network}/apps/${name}`);
    await this.end('SIGTERM');
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
  }

  /** Asks the API. */
  ask(method: string, path: string, options?: Ask): Promise<Reply> {
    return ask(this.port, this.token, method, path, options);
  }

  /** Makes an app in the network `net`, and the network where it is not there. */
  async create(name: string): Promise<{ id: string; network: string }> {
    await this.ask('POST', '/v1/networks', { json: { name: 'net' } });
    return (await this.ask('POST', '/v1/networks/net/apps', { json: { name } })).json;
  }

  /** Deploys files to an app of the network `net`, and waits until it serves. */
  async deploy(name: string, files: Record<string, string>): Promise<void> {
    const base = `/v1/networks/net/apps/${name}`;
    const entries = Object.entries(files).map(([path, text]) => fileEntry(path, text));
    const { json: upload } = await this.ask('POST', `${base}/uploads`, { json: { entries } });
    const chunks = Object.values(files).filter((text) => upload.missing.includes(digestOf(text)));
    const body = Buffer.concat(chunks.map((text) => packed(text)));
    await this.ask('POST', `${base}/uploads/${upload.id}/packs`, { body, headers: PACK });
    const { json: made } = await this.ask('POST', `${base}/deployments`, { json: { upload: upload.id } });
    const ended = await until(async () => {
      const { json } = await this.ask('GET', `${base}/deployments/${made.id}`);
      return ['healthy', 'failed'].includes(json.state) ? json : undefined;
    });
    if (ended.state !== 'healthy') throw new Error(JSON.stringify(ended.failure));
  }

  /** Asks an app through the router; gives the status. */
  get(app: string, path: string, headers: Record<string, string> = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      const host = `${app}.net.localhost:${this.port}`;
      const asked = request({ host: '127.0.0.1', port: this.port, path, agent: false, headers: { ...headers, host } });
      asked.on('error', reject);
      asked.on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)));
      asked.end();
    });
  }

  /** The last sample of an app. */
  async last(name: string): Promise<AppMetrics> {
    const { json } = await this.ask('GET', '/v1/metrics');
    return (json as MetricsSample).apps.find(({ app }) => app === name)!;
  }

  /** Points of an app. */
  async points(name: string, query: string): Promise<MetricsPoint[]> {
    const { status, json } = await this.ask('GET', `/v1/networks/net/apps/${name}/metrics?${query}`);
    if (status !== 200) throw new Error(JSON.stringify(json));
    return (json as MetricsHistory).points;
  }

  /** Whether it has written minutes to its disk. */
  get keepsMinutes(): boolean {
    return existsSync(join(this.dir, 'metrics'));
  }
}

/** Lines of Prometheus's text by their name and labels, and the type of each family. */
export function readPrometheus(text: string): { values: Map<string, number>; types: Map<string, string> } {
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const type = /^# TYPE ([a-z_0-9]+) (counter|gauge|histogram|summary)$/.exec(line);
    const value = /^([a-z_0-9]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (-?[\d.e+-]+|\+Inf|NaN|Nan)$/.exec(line);
    if (type !== null) types.set(type[1]!, type[2]!);
    else if (value !== null) values.set(value[1]!, Number(value[2]));
    else throw new Error(`no line of Prometheus: ${line}`);
  }
  return { values, types };
}
