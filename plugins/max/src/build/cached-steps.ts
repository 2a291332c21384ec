import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '@rig/plugin-api';
import type { AppCache, CacheName } from './cache/app-cache.ts';
import type { Fingerprint } from './cache/entry.ts';
import type { BuildStep, Dependencies } from './plan.ts';
import { runStep, type StepContext } from './run-step.ts';

/** How a build uses what earlier ones of its app have left. */
export interface CacheUse {
  cache: AppCache;
  /** Take nothing from it, and make it anew. */
  fresh: boolean;
}

/** What steps run with. */
export interface CachedStepContext extends StepContext {
  /** A folder beside the tree, on the same disk. */
  tmp: string;
  cached?: CacheUse | undefined;
}

const ARCHIVE_OF = { node_modules: 'node_modules', '.venv': 'venv' } as const satisfies Record<string, CacheName>;

/**
 * Runs the steps of a build in their order. Dependencies are restored where they would come out the same, and kept where they
 * were installed; the log says which, and why. The cache can only make a build faster: trouble with it is said, and no failure.
 *
 * @throws as {@link runStep}
 */
export async function runSteps(steps: readonly BuildStep[], context: CachedStepContext): Promise<void> {
  const { cached } = context;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at]!;
    const { installs, keeps } = step;
    let end = at + 1;
    while (installs !== undefined && steps[end]?.installs === installs) end += 1;
    const run = async (): Promise<void> => {
      for (const one of steps.slice(at, end)) await runStep(cached?.fresh ? renewing(one) : one, context);
    };
    if (cached === undefined) await run();
    else if (installs !== undefined) await install(installs, cached, context, run);
    else if (keeps !== undefined) await keep(keeps, cached, context, run);
    else await run();
    at = end;
  }
}

/** Where no lock file says which versions, a build that takes nothing from the cache wants the newest of the registry. */
function renewing(step: BuildStep): BuildStep {
  const [file, ...args] = step.command;
  if (args[0] !== 'install') return step;
  return { ...step, command: [file, ...args.map((arg) => (arg === '--prefer-offline' ? '--prefer-online' : arg))] };
}

async function install(
  installs: Dependencies,
  { cache, fresh }: CacheUse,
  context: CachedStepContext,
  run: () => Promise<void>,
): Promise<void> {
  const { folder, env, log, tmp, signal } = context;
  const name = ARCHIVE_OF[installs.folder];
  const origin = await installs.origin(folder, env);
  if ('unknown' in origin) {
    log.say(`dependencies are installed anew and not cached: ${origin.unknown}`);
    return run();
  }
  const { fingerprint, remark } = origin;
  const target = { root: folder, tmp };
  const restored = fresh
    ? { hit: false as const, why: 'without the cache, as asked' }
    : await cache.restore(name, fingerprint, target, context);
  if (restored.hit) {
    installs.relocate?.(folder, restored.root);
    const size = formatBytes(restored.bytes);
    log.say(`dependencies unchanged: ${installs.folder} restored from the cache of this app (${size})`);
    if (remark !== undefined) log.say(remark);
    return;
  }
  log.say(`dependencies are installed: ${restored.why}`);
  await run();
  signal.throwIfAborted();
  // Without any dependency in the end there is no folder.
  if (await isFolder(join(folder, installs.folder))) await save(name, fingerprint, [installs.folder], cache, context);
}

/** The caches of a framework: what they are of they check themselves. */
async function keep(
  paths: readonly string[],
  { cache, fresh }: CacheUse,
  context: CachedStepContext,
  run: () => Promise<void>,
): Promise<void> {
  const { folder, tmp, log } = context;
  const fingerprint: Fingerprint = {};
  if (!fresh) {
    const target = { root: folder, tmp, keepExisting: true };
    const restored = await cache.restore('framework', fingerprint, target, context);
    if (restored.hit && restored.paths.length > 0)
      log.say(`restored from the cache of this app: ${restored.paths.join(', ')} (${formatBytes(restored.bytes)})`);
  }
  await run();
  const there: string[] = [];
  for (const path of paths) if (await isFolder(join(folder, path))) there.push(path);
  if (there.length === 0) await cache.remove('framework');
  else await save('framework', fingerprint, there, cache, context);
}

async function save(
  name: CacheName,
  fingerprint: Fingerprint,
  paths: readonly string[],
  cache: AppCache,
  context: CachedStepContext,
): Promise<void> {
  const saved = await cache.save(name, fingerprint, { root: context.folder, paths }, context);
  const what = paths.join(', ');
  context.log.say(
    'bytes' in saved
      ? `kept for the next build of this app: ${what} (${formatBytes(saved.bytes)})`
      : `not kept for the next build of this app: ${what}: ${saved.why}`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}
