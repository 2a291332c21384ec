import { type Chunk, PACK_CONTENT_TYPE, type Upload } from '@rig/plugin-api/max';
import { readManifest } from '../../content/manifest.ts';
import { receivePack } from '../../content/receive-pack.ts';
import { chunksOf } from '../../content/upload-contents.ts';
import type { Core } from '../../core.ts';
import { findApp } from '../../resources.ts';
import type { UploadRecord } from '../../store/uploads.ts';
import { mediaType } from '../body.ts';
import { storageFull } from '../problem.ts';
import { ProblemError } from '../problem-error.ts';
import type { Route, RouteRequest } from '../route.ts';

/** Bytes that a manifest may have. */
const MANIFEST_LIMIT = 64 * 1024 * 1024;

/**
 * Finds an upload of the app in the path.
 *
 * @throws ProblemError `RIG_UPLOAD_NOT_FOUND` (404)
 */
export function findUpload(core: Core, appId: string, id: unknown): UploadRecord {
  const upload = typeof id === 'string' ? core.uploads.find(appId, id) : undefined;
  if (upload !== undefined) return upload;
  throw new ProblemError(
    404,
    'RIG_UPLOAD_NOT_FOUND',
    `there is no upload ${JSON.stringify(id ?? null)}, or its day is over`,
    {
      fix: 'deploy again: what was sent is kept, and only the rest is sent',
    },
  );
}

async function showUpload(core: Core, upload: UploadRecord): Promise<Upload> {
  const missing = await core.content.missing(chunksOf(upload));
  return { id: upload.id, missing: missing.map((chunk) => chunk.digest), missingBytes: sizeOf(missing) };
}

const sizeOf = (chunks: readonly Chunk[]): number => chunks.reduce((total, chunk) => total + chunk.size, 0);

/** Nothing is sent that there is no room for. */
async function demandRoom(core: Core, tree: Pick<UploadRecord, 'entries'>): Promise<void> {
  const lack = core.room.lack(sizeOf(await core.content.missing(chunksOf(tree))));
  if (lack !== undefined) throw storageFull(lack);
}

async function takePack(core: Core, { params, incoming }: RouteRequest) {
  const upload = findUpload(core, findApp(core, params).id, params.id);
  const type = mediaType(incoming.headers['content-type']);
  if (type !== PACK_CONTENT_TYPE)
    throw new ProblemError(
      415,
      'RIG_BAD_REQUEST',
      `a pack has the content-type ${PACK_CONTENT_TYPE}, and this has "${type}"`,
    );
  const encoding = incoming.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new ProblemError(
      415,
      'RIG_BAD_REQUEST',
      `the pack has the content-encoding "${encoding}", and only gzip is known`,
    );
  return await receivePack(core.content, upload, incoming, encoding === 'gzip');
}

/** The routes of uploads. */
export function uploadRoutes(core: Core): Route[] {
  const base = '/v1/networks/:network/apps/:app/uploads';
  const notFound = ['RIG_NETWORK_NOT_FOUND', 'RIG_APP_NOT_FOUND'] as const;
  return [
    {
      method: 'POST',
      path: base,
      summary: 'Takes the manifest of a tree and tells what of it is missing.',
      scope: 'deploy',
      body: { kind: 'json', schema: 'CreateUpload', maxBytes: MANIFEST_LIMIT },
      adds: true,
      answers: { 201: 'Upload' },
      problems: notFound,
      handle: async ({ params, body }) => {
        const app = findApp(core, params);
        const tree = readManifest(body);
        await demandRoom(core, tree);
        const upload = core.uploads.create(app.id, tree);
        const location = `/v1/networks/${app.network}/apps/${app.name}/uploads/${upload.id}`;
        return { status: 201, body: await showUpload(core, upload), headers: { location } };
      },
    },
    {
      method: 'GET',
      path: `${base}/:id`,
      summary: 'Tells what of an upload is missing now.',
      scope: 'deploy',
      answers: { 200: 'Upload' },
      problems: [...notFound, 'RIG_UPLOAD_NOT_FOUND'],
      handle: async ({ params }) => {
        const upload = findUpload(core, findApp(core, params).id, params.id);
        return { status: 200, body: await showUpload(core, upload) };
      },
    },
    {
      method: 'POST',
      path: `${base}/:id/packs`,
      summary: 'Takes a pack of chunks; each is kept as it arrives.',
      scope: 'deploy',
      body: { kind: 'pack', schema: 'Pack' },
      answers: { 200: 'PackAnswer' },
      problems: [...notFound, 'RIG_UPLOAD_NOT_FOUND', 'RIG_DIGEST_MISMATCH', 'RIG_STORAGE_FULL'],
      handle: async (request) => ({ status: 200, body: await takePack(core, request) }),
    },
  ];
}
