import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { askProgram } from './ask-program.ts';
import type { Fingerprint } from './cache/entry.ts';
import { digestOf } from './digest-of.ts';
import type { Dependencies, Origin } from './plan.ts';
import { relocateVenv, VENV } from './relocate-venv.ts';

/** What pip installs into the virtual environment for a `requirements.txt`. */
export const PYTHON_DEPENDENCIES: Dependencies = {
  folder: VENV,
  origin,
  relocate: (folder, from) => relocateVenv(folder, from, folder),
};

const WHO =
  'import platform, sys; print(platform.python_implementation(), platform.python_version(), sys.platform, platform.machine(), sys.executable)';

/** A package of an index or of a URL, with versions, markers and hashes. */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;(].*|@\s*(?:git\+)?https?:.*|--hash=.*)?$/;
/** A file beside, which pip takes for what it is called. */
const ARCHIVE = /^\S+\.(?:whl|zip|tar|tgz|tbz|txz|tar\.\w+)$/;
/** One whose version is given. */
const PINNED = /===?\s*[^*,;\s]+\s*(?:[;\\-].*)?$/;
/** Options that change where packages come from, and name no file of the app. */
const OPTION =
  /^(?:-i|--index-url|--extra-index-url|--trusted-host|--pre|--no-binary|--only-binary|--prefer-binary|--require-hashes|--no-index|--use-feature)\b/;
const INCLUDE = /^(?:-r|-c|--requirement|--constraint)[\s=]*(\S.*)$/;

async function origin(folder: string, env: Record<string, string>): Promise<Origin> {
  const read = await readRequirements(folder, 'requirements.txt');
  if ('unknown' in read) return read;
  const python = await askProgram('python3', ['-c', WHO], env);
  if (python === undefined) return { unknown: 'python3 does not say its version' };
  const fingerprint = { ...read.files, 'the version of Python': python };
  if (read.unpinned === undefined) return { fingerprint };
  const remark = `${read.unpinned} has no version: rig deploy --no-cache looks for newer ones`;
  return { fingerprint, remark };
}

interface Requirements {
  files: Fingerprint;
  /** Where the first package without a fixed version is. */
  unpinned: string | undefined;
}

/** Reads a file of requirements with all that it includes. A line may hold a password: only its number is ever said. */
async function readRequirements(
  folder: string,
  path: string,
  seen = new Set<string>(),
): Promise<Requirements | { unknown: string }> {
  seen.add(path);
  const text = await readFile(join(folder, path), 'utf8').catch(() => undefined);
  if (text === undefined) return { unknown: `${path} cannot be read` };
  const all: Requirements = { files: { [path]: await digestOf(join(folder, path)) }, unpinned: undefined };
  for (const { line, number } of logicalLines(text)) {
    const where = `line ${number} of ${path}`;
    const include = INCLUDE.exec(line)?.[1];
    if (include !== undefined) {
      const target = normalize(join(dirname(path), include.replace(/^(["'])(.*)\1$/, '$2')));
      if (/^(?:\.\.|\/|https?:)/.test(target) || /^(?:\/|https?:)/.test(include))
        return { unknown: `${where} names a file that is not of the app` };
      if (seen.has(target)) continue;
      const inner = await readRequirements(folder, target, seen);
      if ('unknown' in inner) return inner;
      all.files = { ...all.files, ...inner.files };
      all.unpinned ??= inner.unpinned;
    } else if (!OPTION.test(line)) {
      if (!PACKAGE.test(line) || ARCHIVE.test(line)) return { unknown: `${where} is no package of an index` };
      if (!PINNED.test(line)) all.unpinned ??= where;
    }
  }
  return all;
}

function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  let joined = '';
  let first = 0;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (joined === '') first = index + 1;
    if (raw.endsWith('\\')) {
      joined += `${raw.slice(0, -1)} `;
      continue;
    }
    const line = (joined + raw).replace(/(^|\s)#.*$/, '').trim();
    joined = '';
    if (line !== '') yield { line, number: first };
  }
}
