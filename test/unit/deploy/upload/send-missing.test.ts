import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type HashedTree, hashTree } from '../../../../plugins/deploy/src/tree/hash.ts';
import { walkTree } from '../../../../plugins/deploy/src/tree/walk.ts';
import { type SendOptions, sendMissing } from '../../../../plugins/deploy/src/upload/send-missing.ts';
import { makeFolder } from '../tree/folder.ts';
import { serveUpload, type UploadServer } from './upload-server.ts';

const MIB = 1024 * 1024;

async function treeOf(files: Record<string, string | Buffer>): Promise<HashedTree> {
  return hashTree(await walkTree(makeFolder(files)));
}

const send = ({ http, upload }: UploadServer, tree: HashedTree, more: Partial<SendOptions> = {}): Promise<number> =>
  sendMissing({
    http,
    uploadPath: '/v1/networks/n/apps/a/uploads/upl_1',
    upload,
    root: tree.root,
    sources: tree.sources,
    compress: false,
    signal: new AbortController().signal,
    pauses: [1, 1, 1],
    ...more,
  });

const many = (count: number): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${String(i).padStart(3, '0')}`, randomBytes(100_000 + i)]),
  );

async function expectAllThere({ store }: UploadServer, tree: HashedTree): Promise<void> {
  const chunks = tree.entries.flatMap((entry) => (entry.type === 'file' ? entry.chunks : []));
  expect(await store.missing(chunks)).toEqual([]);
}

describe('sendMissing', () => {
  test('small files go up together, a large one alone, several requests at once', async () => {
    const tree = await treeOf({ ...many(40), 'big.bin': randomBytes(3 * MIB), empty: '' });
    const server = await serveUpload(tree);
    const seen: number[] = [];
    const sent = await send(server, tree, { packBytes: MIB, onProgress: (bytes) => seen.push(bytes) });
    await expectAllThere(server, tree);
    expect(sent).toBe(tree.bytes);
    expect(server.packs.length).toBe(5);
    expect(server.atOnce).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(tree.bytes);
  });

  test('the same content goes up once', async () => {
    const tree = await treeOf({ a: 'same', b: 'same', c: 'same' });
    const server = await serveUpload(tree);
    expect(await send(server, tree)).toBe(4);
    await expectAllThere(server, tree);
  });

  test('gzip where it pays, and not for what is compressed', async () => {
    const tree = await treeOf({ 'app.js': 'const a = 1;\n'.repeat(10_000), 'photo.jpg': randomBytes(50_000) });
    const server = await serveUpload(tree);
    await send(server, tree, { compress: true });
    await expectAllThere(server, tree);
    const [plain, gzip] = [server.packs.find((pack) => !pack.gzip), server.packs.find((pack) => pack.gzip)];
    expect(plain?.wireBytes).toBeGreaterThan(50_000);
    expect(gzip?.wireBytes).toBeLessThan(5_000);
  });

  test('a cut connection costs one request: only the rest goes up again', async () => {
    const tree = await treeOf(many(40));
    const server = await serveUpload(tree, (pack) => (pack === 1 ? { cutAfter: 300_000 } : 'take'));
    const retries: string[] = [];
    await send(server, tree, {
      packBytes: MIB,
      onRetry: (error) => retries.push((error as { code?: string }).code ?? ''),
    });
    await expectAllThere(server, tree);
    expect(retries).toEqual(['RIG_UNREACHABLE']);
    const wire = server.packs.reduce((sum, pack) => sum + pack.wireBytes, 0);
    expect(wire).toBeLessThan(tree.bytes + 40 * 40 + 1);
  });

  test('gives up with the last failure after tries without progress', async () => {
    const tree = await treeOf({ a: randomBytes(2 * MIB) });
    let packs = 0;
    const server = await serveUpload(tree, () => {
      packs += 1;
      return { cutAfter: 1 };
    });
    await expect(send(server, tree)).rejects.toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(packs).toBe(3);
  });

  test('a busy Max is asked again', async () => {
    const tree = await treeOf({ a: 'x' });
    const server = await serveUpload(tree, (pack) => (pack === 0 ? { problem: 503, code: 'RIG_BUSY' } : 'take'));
    await send(server, tree);
    await expectAllThere(server, tree);
  });

  test('what no try can mend ends the upload at once', async () => {
    const tree = await treeOf(many(30));
    const server = await serveUpload(tree, () => ({ problem: 507, code: 'RIG_STORAGE_FULL' }));
    await expect(send(server, tree, { packBytes: MIB })).rejects.toMatchObject({ code: 'RIG_STORAGE_FULL' });
  });

  test.each([
    ['has another content of the same size', (size: number) => Buffer.alloc(size, 'z')],
    ['is shorter', () => Buffer.from('short')],
  ])('a file that %s since it was hashed is found while it is sent', async (_, content) => {
    const tree = await treeOf({ ...many(3), 'changing.txt': randomBytes(400_000) });
    const server = await serveUpload(tree);
    writeFileSync(join(tree.root, 'changing.txt'), content(400_000));
    await expect(send(server, tree)).rejects.toMatchObject({
      code: 'RIG_FILE_CHANGED',
      message: expect.stringContaining('changing.txt changed'),
    });
    // Nothing false was taken.
    const digests = tree.entries.flatMap((entry) =>
      entry.path === 'changing.txt' && entry.type === 'file' ? entry.chunks : [],
    );
    expect(await server.store.missing(digests)).toEqual(digests);
  });

  test('the signal stops requests under way', async () => {
    const tree = await treeOf({ a: randomBytes(8 * MIB) });
    const stop = new AbortController();
    const server = await serveUpload(tree, () => {
      stop.abort();
      return 'take';
    });
    await expect(send(server, tree, { signal: stop.signal })).rejects.toMatchObject({ code: 'RIG_INTERRUPTED' });
  });

  test('memory does not grow with a file', async () => {
    const tree = await treeOf({ 'large.bin': Buffer.alloc(200 * MIB, 'x') });
    const server = await serveUpload(tree);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    await send(server, tree, {
      onProgress: () => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
    });
    await expectAllThere(server, tree);
    expect(most).toBeLessThan(100 * MIB);
  });
});
