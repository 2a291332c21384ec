import { type AppRef, isRigError, type Services } from '@rig/plugin-api';
import type { Upload } from '@rig/plugin-api/max';
import { createDeployment } from './create-deployment.ts';
import { ensureApp, rememberApp } from './ensure-app.ts';
import { finishDeployment } from './finish.ts';
import { interruptedUpload } from './follow/outcome.ts';
import { chooseFiles, nameContent } from './prepare.ts';
import type { DeployPlan, DeployResult } from './result.ts';
import type { HashedTree } from './tree/hash.ts';
import { walkTree } from './tree/walk.ts';
import { askMissing, uploadTree } from './upload/upload-tree.ts';

/** What is deployed, and where to. */
export interface DeployRequest {
  /** The folder, found by `findRoot`. */
  root: string;
  ref: AppRef;
  /** Make network and app where they are missing. */
  create: boolean;
  /** Do not wait for the end of the deployment. */
  detach: boolean;
  /** Let the build take what it can from the app's build cache. */
  cache: boolean;
}

/** Says that nothing was deployed where Ctrl-C came before the deployment was made. */
async function untilDeployment<T>(services: Services, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (services.signal.aborted && (!isRigError(error) || error.code === 'RIG_INTERRUPTED')) throw interruptedUpload();
    throw error;
  }
}

interface Sent {
  tree: HashedTree;
  upload: Upload;
  sentBytes: number;
}

async function send(services: Services, { root, ref, create }: DeployRequest): Promise<Sent> {
  const { output } = services;
  const found = await walkTree(root, services.signal);
  const http = await services.http();
  for (const made of await ensureApp(http, ref, create)) output.note(`Created ${made}`);
  // A project file that was written just now belongs to the tree.
  const changed = create && (await rememberApp(services, ref, root));
  const whole = changed ? await walkTree(root, services.signal) : found;
  const tree = await nameContent(services, await chooseFiles(services, whole));
  const upload = await askMissing(http, ref, tree);
  return { tree, upload, sentBytes: await uploadTree(services, ref, tree, upload) };
}

/**
 * Makes a folder a running app: sends what Max lacks, starts a deployment and follows it to its end, unless it is to be left to Max.
 *
 * @throws RigError of the tree, of the requests, or the deployment's own failure
 */
export async function deploy(services: Services, request: DeployRequest): Promise<DeployResult> {
  const { ref } = request;
  const { tree, upload, sentBytes } = await untilDeployment(services, () => send(services, request));
  if (services.signal.aborted) throw interruptedUpload();
  const started = await createDeployment(
    await services.http(),
    ref,
    { upload: upload.id, cache: request.cache },
    services.signal,
  );
  const { id, state, release, url } = request.detach ? started : await finishDeployment(services, started);
  const { files, bytes } = tree;
  const sent = { files, bytes, sentBytes };
  return { dryRun: false, app: ref.app, network: ref.network, deployment: id, state, release, url, ...sent };
}

/** Says what would go up, and makes no app, no deployment and no project file. */
export async function planDeploy(services: Services, request: DeployRequest): Promise<DeployPlan> {
  const { ref, create, root } = request;
  const found = await walkTree(root, services.signal);
  const tree = await nameContent(services, await chooseFiles(services, found));
  const missing = await missingDigests(services, ref, tree, create);
  const isMissing = (digests: readonly string[]): boolean =>
    digests.some((digest) => missing === undefined || missing.has(digest));
  const paths: string[] = [];
  for (const entry of tree.entries)
    if (entry.type === 'file' && isMissing(entry.chunks.map((chunk) => chunk.digest))) paths.push(entry.path);
  let bytes = 0;
  for (const [digest, { size }] of tree.sources) if (isMissing([digest])) bytes += size;
  return {
    dryRun: true,
    app: ref.app,
    network: ref.network,
    files: tree.files,
    bytes: tree.bytes,
    missing: { files: paths.length, bytes, paths },
  };
}

/** What Max lacks; `undefined` is everything, for an app that `--create` would make. */
async function missingDigests(
  services: Services,
  ref: AppRef,
  tree: HashedTree,
  create: boolean,
): Promise<Set<string> | undefined> {
  const http = await services.http();
  try {
    await ensureApp(http, ref, false);
  } catch (error) {
    if (create && isRigError(error) && /^RIG_(APP|NETWORK)_NOT_FOUND$/.test(error.code)) return undefined;
    throw error;
  }
  return new Set((await askMissing(http, ref, tree)).missing);
}
