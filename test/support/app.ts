import { mkdir, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import WebSocket from 'ws';
import type { RunningMax } from './max.ts';
import { rigJson } from './rig.ts';

/** The example apps of this checkout. */
export const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** What `rig deploy -o json` gives. */
export interface Deployed {
  deployment: string;
  release: number;
  url: string;
  files: number;
  bytes: number;
  sentBytes: number;
}

/** What an app answered. */
export interface AppAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Writes a folder to deploy: relative paths and their contents. */
export async function writeTree(dir: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await mkdir(dir, { recursive: true });
  return dir;
}

/** Writes a Node app without dependencies, whose server is the given source. */
export function writeNodeApp(dir: string, source: string, scripts: Record<string, string> = {}): Promise<string> {
  return writeTree(dir, {
    'package.json': JSON.stringify({
      name: 'app',
      private: true,
      type: 'module',
      scripts: { start: 'node server.mjs', ...scripts },
    }),
    'server.mjs': source,
  });
}

/** The source of a server that answers every request with a text, and may do more when it listens. */
export function answering(text: string, more = ''): string {
  return `import { createServer } from 'node:http';
const server = createServer((request, response) => response.end(${JSON.stringify(text)}));
server.listen(process.env.PORT, () => { console.log('ready'); ${more} });
process.once('SIGTERM', () => process.exit(0));
`;
}

/** Deploys a folder to an app, which is made where it is missing. */
export function deploy(max: RunningMax, app: string, dir: string): Promise<Deployed> {
  return rigJson<Deployed>(max.home, ['deploy', dir, '--app', app, '--create'], { timeout: 120_000 });
}

/** Asks an app through Max's router: the name in the Host header, the connection to 127.0.0.1. */
export function askApp(
  max: RunningMax,
  app: string,
  path = '/',
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<AppAnswer> {
  const { method = 'GET', headers = {} } = options;
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: max.port,
      path,
      method,
      agent: false,
      headers: { ...headers, host: hostOf(max, app) },
    });
    asked.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Opens a WebSocket to an app through Max's router. */
export function openAppSocket(max: RunningMax, app: string): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${max.port}/`, { headers: { host: hostOf(max, app) } });
}

const hostOf = (max: RunningMax, app: string): string => `${app}.localhost:${max.port}`;

/** What a build needs to reach the developer's package registry from a test's own home. */
export function registryEnv(): Record<string, string> {
  const wanted = /^(?:(?:https?|all|no)_proxy|NODE_EXTRA_CA_CERTS|npm_config_registry)$/i;
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => wanted.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(own),
    // What the example needs lies in the cache already: this repository depends on the same packages.
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
  };
}
