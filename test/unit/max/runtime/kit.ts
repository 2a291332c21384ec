import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment, DeploymentState, TreeEntry } from '@rig/plugin-api/max';
import { type AppSettings, FINAL_STATES } from '@rig/plugin-api/max';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { LocalRuntime } from '../../../../plugins/max/src/deployments/local-runtime.ts';
import type { Tuning } from '../../../../plugins/max/src/deployments/tuning.ts';
import { EventLog } from '../../../../plugins/max/src/events.ts';
import { RequestMeters } from '../../../../plugins/max/src/metrics/request-meters.ts';
import { AppConfig } from '../../../../plugins/max/src/store/app-config.ts';
import { type AppRecord, Apps } from '../../../../plugins/max/src/store/apps.ts';
import { type Database, openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { Networks } from '../../../../plugins/max/src/store/networks.ts';
import { Seal } from '../../../../plugins/max/src/store/seal.ts';
import { statePaths } from '../../../../plugins/max/src/store/state-paths.ts';
import { type UploadRecord, Uploads } from '../../../../plugins/max/src/store/uploads.ts';
import { Users } from '../../../../plugins/max/src/store/users.ts';

/** A folder of an app: text by path. */
export type Tree = Record<string, string>;

/** A real runtime on a folder of its own, with a server in front of it. */
export interface RuntimeKit {
  dir: string;
  database: Database;
  runtime: LocalRuntime;
  events: EventLog;
  apps: Apps;
  port: number;
  log: string[];
  app(name?: string): AppRecord;
  /** Changes an app's settings as an update of it does. */
  set(app: AppRecord, settings: Partial<AppSettings>): void;
  upload(app: AppRecord, tree: Tree): Promise<UploadRecord>;
  /** Deploys and waits for the end. */
  deploy(app: AppRecord, tree: Tree): Promise<Deployment>;
  /** Waits until a deployment has ended, or is in the state. */
  settled(app: AppRecord, id: string, state?: DeploymentState): Promise<Deployment>;
  get(app: AppRecord, path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Lets go of the apps as Max does when it ends; they run on. */
  close(): Promise<void>;
  /** Ends the apps, closes and removes all. */
  remove(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

const FAST: Partial<Tuning> = {
  healthLimitMs: 20_000,
  settleMs: 200,
  probeMs: 20,
  backoffMs: 50,
  drainMs: 5_000,
  graceMs: 3_000,
};

/** Opens a runtime; on a folder of an earlier one it takes over from that. */
export async function openRuntime(options: { dir?: string; tuning?: Partial<Tuning> } = {}): Promise<RuntimeKit> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'max-runtime-'));
  const paths = statePaths(dir);
  const database = openDatabase(paths.database);
  const owner = new Users(database).owner('tester');
  const networks = new Networks(database);
  const network = networks.byName('net') ?? networks.create('net', owner.id)!;
  const apps = new Apps(database);
  const config = new AppConfig(database, Seal.open(paths.key));
  const uploads = new Uploads(database);
  const content = new ContentStore(paths.content);
  const events = new EventLog(database);
  const log: string[] = [];
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const requests = new RequestMeters();
  const runtime = new LocalRuntime(
    {
      ...{ paths, database, apps, config, uploads, content, events, requests },
      ...{ log: (text: string) => log.push(text), port: () => port },
    },
    { ...FAST, ...options.tuning },
  );
  server.on('request', (req, res) => runtime.handleRequest(req, res));
  server.on('upgrade', (req, socket, head) => runtime.handleUpgrade(req, socket, head));
  await runtime.start();

  const close = async (): Promise<void> => {
    await runtime.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    database.close();
  };
  const kit: RuntimeKit = {
    dir,
    database,
    runtime,
    events,
    apps,
    port,
    log,
    app: (name = 'web') => apps.byName('net', name) ?? apps.create(network.id, name)!,
    set: (app, settings) => {
      apps.update(app.id, app.name, { ...app.settings, ...settings });
      runtime.limitLogs(app.id);
    },
    upload: async (app, tree) => {
      const entries: TreeEntry[] = [];
      for (const [path, text] of Object.entries(tree)) {
        const bytes = Buffer.from(text);
        const digest = createHash('sha256').update(bytes).digest('hex');
        const chunks = bytes.length === 0 ? [] : [{ digest, size: bytes.length }];
        for (const chunk of chunks) {
          if (content.has(chunk)) continue;
          const writer = await content.begin(digest);
          await writer.write(bytes);
          await writer.commit();
        }
        entries.push({ type: 'file', path, mode: 0o644, size: bytes.length, chunks });
      }
      const bytes = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
      return uploads.create(app.id, { entries, digest: 'd'.repeat(64), files: entries.length, bytes });
    },
    deploy: async (app, tree) => {
      const upload = await kit.upload(app, tree);
      return kit.settled(app, runtime.createDeployment(app, upload).id);
    },
    settled: (app, id, state) => settled(kit, app, id, state),
    get: (app, path, headers) => get(port, `${app.name}.${app.network}.localhost`, path, headers),
    close,
    remove: async () => {
      await runtime.stopApps();
      await close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return kit;
}

function settled(kit: RuntimeKit, app: AppRecord, id: string, state?: DeploymentState): Promise<Deployment> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const found = kit.runtime.deployment(app, id)!;
      if (found.state !== state && !FINAL_STATES.includes(found.state)) return false;
      unlisten();
      resolve(found);
      return true;
    };
    const unlisten = kit.events.listen(() => look());
    look();
  });
}

/** Waits for something outside of this process, which nothing announces. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks the router by host name, over a connection of its own. */
export function get(port: number, host: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      headers: { ...headers, host: `${host}:${port}` },
    });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
    });
    asked.end();
  });
}

/** A Node app that needs no install: answers with `text`. */
export function nodeApp(text: string, extra = ''): Tree {
  return {
    'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }),
    'server.js': `
      const http = require('node:http');
      console.log('starting ${text}');
      ${extra}
      http.createServer((req, res) => {
        if (req.url === '/env') return res.end(JSON.stringify(process.env));
        if (req.url === '/exit') process.exit(3);
        res.setHeader('x-pid', process.pid);
        res.end('${text}');
      }).listen(process.env.PORT, '127.0.0.1', () => console.log('listening ${text}'));
    `,
  };
}
