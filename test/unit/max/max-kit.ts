import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningMax } from '../../../plugins/max/src/max.ts';
import { serve } from '../../../plugins/max/src/serve.ts';
import type { SessionTuning } from '../../../plugins/max/src/sessions/tuning.ts';

/** An answer over real HTTP. */
export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the document
  json: any;
}

/** What a request is made of. */
export interface Ask {
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Record<string, string>;
  body?: string | Uint8Array;
  /** The owner's unless said; `null` for none. */
  token?: string | null;
}

/** A real Max in this process, on a folder of its own. */
export interface MaxKit {
  dir: string;
  url: string;
  port: number;
  token: string;
  log: string[];
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** Ends it and leaves its folder. */
  stop(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Asks a Max at a port. */
export function ask(port: number, token: string, method: string, path: string, options: Ask = {}): Promise<Reply> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.token !== null && headers.authorization === undefined)
    headers.authorization = `Bearer ${options.token ?? token}`;
  let { body } = options;
  if (options.json !== undefined) {
    body = JSON.stringify(options.json);
    headers['content-type'] ??= 'application/json';
  }
  if (options.form !== undefined) {
    body = new URLSearchParams(options.form).toString();
    headers['content-type'] ??= 'application/x-www-form-urlencoded';
  }
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        const isJson = /json/.test(answer.headers['content-type'] ?? '');
        const json = isJson && text !== '' ? JSON.parse(text) : undefined;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Makes a folder for a Max. */
export function makeDir(): string {
  return join(mkdtempSync(join(tmpdir(), 'max-unit-')), 'state');
}

/** Starts a Max; on a folder of an earlier one it goes on with that. */
export async function openMax(dir = makeDir(), sessions?: Partial<SessionTuning>): Promise<MaxKit> {
  const log: string[] = [];
  const options = { dir, port: 0, version: '1.2.3', owner: 'tester', sessions };
  const max: RunningMax = await serve(options, (line) => log.push(line));
  const token = readFileSync(join(dir, 'owner-token'), 'utf8').trim();
  return {
    dir,
    url: max.url,
    port: max.port,
    token,
    log,
    ask: (method, path, options) => ask(max.port, token, method, path, options),
    stop: () => max.stop(),
    remove: async () => {
      await max.stop();
      rmSync(join(dir, '..'), { recursive: true, force: true });
    },
  };
}

/** SHA-256 in hex. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One file of a manifest. */
export function fileEntry(path: string, content: string | Uint8Array, mode = 0o644) {
  const size = Buffer.byteLength(content as string);
  return { type: 'file', path, mode, size, chunks: size === 0 ? [] : [{ digest: digestOf(content), size }] };
}

/** A chunk as it stands in a pack; its digest may be a lie. */
export function packed(content: string | Uint8Array, digest = digestOf(content), length?: number): Buffer {
  const bytes = Buffer.from(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length ?? bytes.length));
  return Buffer.concat([Buffer.from(digest, 'hex'), size, bytes]);
}

/** Media type of a pack. */
export const PACK = { 'content-type': 'application/vnd.max.pack' };
