import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHttp } from '../../../../host/src/http/index.ts';
import type { Http } from '../../../../plugin-api/src/index.ts';
import type { Upload } from '../../../../plugin-api/src/max/index.ts';
import type { HashedTree } from '../../../../plugins/deploy/src/tree/hash.ts';
import { ContentStore } from '../../../../plugins/max/src/content/content-store.ts';
import { readManifest } from '../../../../plugins/max/src/content/manifest.ts';
import { receivePack } from '../../../../plugins/max/src/content/receive-pack.ts';
import type { ProblemError } from '../../../../plugins/max/src/http/problem-error.ts';

/** A server that takes packs into a real content store, and can be told to misbehave. */
export interface UploadServer {
  http: Http;
  upload: Upload;
  store: ContentStore;
  /** Packs that arrived whole: their encoding and bytes on the wire. */
  packs: Array<{ gzip: boolean; wireBytes: number }>;
  /** The most requests that were under way at once. */
  atOnce: number;
}

/** How the server treats the pack of that number, counted from 0. */
export type Treat = (
  pack: number,
  request: IncomingMessage,
) => 'take' | { cutAfter: number } | { problem: number; code: string };

/** Starts a server for one upload of a tree. */
export async function serveUpload(tree: HashedTree, treat: Treat = () => 'take'): Promise<UploadServer> {
  const dir = mkdtempSync(join(tmpdir(), 'rig-store-'));
  const store = new ContentStore(dir);
  const manifest = readManifest({ entries: tree.entries });
  const record = { id: 'upl_1', appId: 'app_1', createdAt: '', expiresAt: '', ...manifest };
  const chunks = tree.entries.flatMap((entry) => (entry.type === 'file' ? entry.chunks : []));
  const ask = async (): Promise<Upload> => {
    const missing = await store.missing(chunks);
    const missingBytes = missing.reduce((sum, { size }) => sum + size, 0);
    return { id: 'upl_1', missing: missing.map(({ digest }) => digest), missingBytes };
  };
  const packs: UploadServer['packs'] = [];
  let count = 0;
  let now = 0;
  const result: UploadServer = { http: undefined as never, upload: await ask(), store, packs, atOnce: 0 };

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object): void => {
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': type, 'max-api': '1' }).end(JSON.stringify(body));
    };
    if (request.method === 'GET') return answer(200, await ask());
    const treatment = treat(count++, request);
    now += 1;
    result.atOnce = Math.max(result.atOnce, now);
    let wireBytes = 0;
    request.on('data', (data: Buffer) => {
      wireBytes += data.length;
      if (typeof treatment === 'object' && 'cutAfter' in treatment && wireBytes >= treatment.cutAfter)
        request.socket.destroy();
    });
    try {
      if (typeof treatment === 'object' && 'problem' in treatment) {
        const { problem, code } = treatment;
        return answer(problem, {
          type: 'about:blank',
          status: problem,
          title: code,
          detail: `refused: ${code}`,
          code,
          requestId: 'r',
        });
      }
      const gzip = request.headers['content-encoding'] === 'gzip';
      const taken = await receivePack(store, record, request, gzip);
      packs.push({ gzip, wireBytes });
      answer(200, taken);
    } catch (error) {
      const { status = 500, code = 'RIG_INTERNAL' } = error as Partial<ProblemError>;
      if (!response.destroyed)
        answer(status, { type: 'about:blank', status, title: code, detail: String(error), code, requestId: 'r' });
    } finally {
      now -= 1;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = createHttp({
    target: () => ({ context: undefined, server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    token: async () => undefined,
    userAgent: 'rig-test',
  });
  onTestFinished(() => {
    http.dispose();
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  result.http = http;
  return result;
}
