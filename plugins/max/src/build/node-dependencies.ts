import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askProgram } from './ask-program.ts';
import { digestOf } from './digest-of.ts';
import type { Dependencies, Origin } from './plan.ts';

/** Scripts of an app that `npm ci` runs: they may read any file of the tree, and write any. */
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
] as const;

/** Packages that lie in the tree itself, as workspaces do: the lock file does not say what is in them. */
const LOCAL_PACKAGE = /"link":\s*true|"(?:resolved|version)":\s*"file:/;

const WHO =
  "const { version, versions, platform, arch } = process; [version, 'abi ' + versions.modules, platform, arch].join(' ')";

/** What `npm ci` installs into `node_modules`. */
export const NODE_DEPENDENCIES: Dependencies = { folder: 'node_modules', origin };

/** Lock files, the first that is there. */
export const LOCK_FILES = ['npm-shrinkwrap.json', 'package-lock.json'] as const;

async function origin(folder: string, env: Record<string, string>): Promise<Origin> {
  const found = await lockOf(folder);
  if (found === undefined) return { unknown: 'there is no package-lock.json that says what they are' };
  const { scripts } = JSON.parse(await readText(join(folder, 'package.json'))) as { scripts?: Record<string, unknown> };
  const script = INSTALL_SCRIPTS.find((name) => typeof scripts?.[name] === 'string');
  if (script !== undefined)
    return { unknown: `package.json has a "${script}" script, which may need any file of the app` };
  if ((await digestOf(join(folder, 'binding.gyp'))) !== 'none')
    return { unknown: 'the app has a binding.gyp, which npm builds with them' };
  if (LOCAL_PACKAGE.test(found.text)) return { unknown: `${found.lock} names packages that are part of the app` };
  const node = await askProgram('node', ['-p', WHO], env);
  if (node === undefined) return { unknown: 'node does not say its version' };
  const files = ['package.json', found.lock, '.npmrc'];
  const digests = await Promise.all(files.map(async (file) => [file, await digestOf(join(folder, file))] as const));
  const own = await digestOf(env.npm_config_userconfig ?? join(env.HOME ?? '/', '.npmrc'));
  return {
    fingerprint: { ...Object.fromEntries(digests), 'the .npmrc of your home': own, 'the version of Node': node },
  };
}

async function lockOf(folder: string): Promise<{ lock: string; text: string } | undefined> {
  for (const lock of LOCK_FILES) {
    const text = await readFile(join(folder, lock), 'utf8').catch(() => undefined);
    if (text !== undefined) return { lock, text };
  }
  return undefined;
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
}
