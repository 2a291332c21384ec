import type { AppRef, Http, Services } from '@rig/plugin-api';
import { appPath, type CreateUpload, type Upload } from '@rig/plugin-api/max';
import type { HashedTree } from '../tree/hash.ts';
import { isLoopback } from './plan.ts';
import { sendMissing } from './send-missing.ts';

/** Asks Max what of the tree it lacks. */
export function askMissing(http: Http, ref: AppRef, tree: HashedTree): Promise<Upload> {
  const body: CreateUpload = { entries: tree.entries };
  return http.post<Upload>(`${appPath(ref)}/uploads`, { json: body, idempotencyKey: true });
}

/** Sends what Max lacks, with progress. @returns the bytes of content that went up */
export async function uploadTree(services: Services, ref: AppRef, tree: HashedTree, upload: Upload): Promise<number> {
  if (upload.missing.length === 0) {
    services.output.note('Max has every file already');
    return 0;
  }
  const config = await services.config();
  const progress = services.output.progress('Uploading');
  const sent = await sendMissing({
    http: await services.http(),
    uploadPath: `${appPath(ref)}/uploads/${upload.id}`,
    upload,
    root: tree.root,
    sources: tree.sources,
    compress: !isLoopback(config.target().server),
    signal: services.signal,
    onProgress: (bytes) => progress.update(Math.min(bytes, upload.missingBytes), upload.missingBytes, 'bytes'),
    onRetry: (error) => services.output.note(`The upload was cut (${error.message}); sending the rest`),
  });
  progress.done();
  return sent;
}
