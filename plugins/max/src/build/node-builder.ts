import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeploymentError } from './failure.ts';
import { LOCK_FILES, NODE_DEPENDENCIES } from './node-dependencies.ts';
import type { Builder, BuildPlan, BuildStep } from './plan.ts';

interface PackageJson {
  scripts?: Record<string, unknown>;
  main?: unknown;
  dependencies?: object;
  devDependencies?: object;
  optionalDependencies?: object;
}

const NPM_FLAGS = ['--prefer-offline', '--no-audit', '--no-fund'] as const;

/** Where frameworks and their tools keep what makes the next build faster. */
const FRAMEWORK_CACHES = [
  'node_modules/.cache',
  'node_modules/.vite',
  'node_modules/.astro',
  '.next/cache',
  '.parcel-cache',
  '.angular/cache',
  '.turbo',
] as const;

/** Node apps: `package.json` that says how to start, or a `server.js`. */
export const nodeBuilder: Builder = {
  name: 'node',
  looksFor: 'a package.json with a "start" script (or "main", or a server.js beside it)',
  async detect(folder) {
    const manifest = await readManifest(folder);
    if (manifest === undefined) return undefined;
    const start = await startCommand(folder, manifest);
    if (start === undefined) return undefined;
    return nodePlan(folder, manifest, start);
  },
};

/** The steps that make a Node app ready, for a folder with a `package.json`. */
export async function nodeSteps(folder: string): Promise<BuildStep[]> {
  const manifest = await readManifest(folder);
  return manifest === undefined ? [] : steps(folder, manifest);
}

async function nodePlan(folder: string, manifest: PackageJson, start: StartCommand): Promise<BuildPlan> {
  return {
    builder: 'node: package.json',
    reason: start.why,
    steps: await steps(folder, manifest),
    processes: { web: { kind: 'command', command: start.command } },
  };
}

async function steps(folder: string, manifest: PackageJson): Promise<BuildStep[]> {
  const found: BuildStep[] = [];
  const hasDev = size(manifest.devDependencies) > 0;
  const hasAny = hasDev || size(manifest.dependencies) > 0 || size(manifest.optionalDependencies) > 0;
  if (hasAny) {
    const locks = await Promise.all(LOCK_FILES.map((name) => exists(join(folder, name))));
    const install = locks.includes(true) ? 'ci' : 'install';
    found.push({ command: ['npm', install, '--include=dev', ...NPM_FLAGS], installs: NODE_DEPENDENCIES });
  }
  if (typeof manifest.scripts?.build === 'string')
    found.push({ command: ['npm', 'run', 'build'], keeps: FRAMEWORK_CACHES });
  if (hasDev) found.push({ command: ['npm', 'prune', '--omit=dev', ...NPM_FLAGS] });
  return found;
}

interface StartCommand {
  command: string;
  why: string;
}

async function startCommand(folder: string, manifest: PackageJson): Promise<StartCommand | undefined> {
  const script = manifest.scripts?.start;
  if (typeof script === 'string' && script.trim() !== '')
    return { command: script.trim(), why: `its "start" script is: ${script.trim()}` };
  if (await exists(join(folder, 'server.js'))) return { command: 'node server.js', why: 'there is a server.js' };
  if (typeof manifest.main === 'string' && (await exists(join(folder, manifest.main)))) {
    return { command: `node ${quote(manifest.main)}`, why: `its "main" is ${manifest.main}` };
  }
  return undefined;
}

async function readManifest(folder: string): Promise<PackageJson | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw broken((error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken('it is no JSON object');
  return value as PackageJson;
}

function broken(why: string): DeploymentError {
  return new DeploymentError({
    code: 'RIG_BUILD_FAILED',
    reason: `package.json cannot be read: ${why}`,
    fix: 'correct package.json and deploy again',
  });
}

function size(dependencies: unknown): number {
  return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies).length : 0;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function quote(word: string): string {
  return /^[\w./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
