import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { prefixRules } from './prefix-rules.ts';
import { unreadable } from './tree-errors.ts';

/** The name of rig's own ignore file; where the deployed folder has one, git's are not read. */
export const RIG_IGNORE = '.rigignore';

/** Names that never go up, whatever an ignore file says. */
export function isNeverSent(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === '.git' || lower === 'node_modules' || lower.startsWith('.env');
}

/** The rules that hold in one folder of the tree. */
export interface FolderRules {
  /** The name of the ignore files that are read. */
  readonly fileName: string;
  /** Tells whether an entry of the folder stays here. @param path relative to the root, with `/` */
  ignores(path: string, isFolder: boolean): boolean;
  /** The rules of a subfolder that has an ignore file: these, and its own. */
  enter(path: string): FolderRules;
}

function readRules(file: string, shown: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    throw unreadable(shown, error);
  }
}

/** git ignores case where the usual file system of the platform does. */
const fresh = (): Ignore => ignore({ ignorecase: platform() === 'darwin' || platform() === 'win32' });

function rulesOf(root: string, fileName: string, base: string, rules: Ignore): FolderRules {
  const inTree = (path: string): string => (base === '' ? path : `${base}/${path}`);
  return {
    fileName,
    ignores: (path, isFolder) => rules.ignores(isFolder ? `${inTree(path)}/` : inTree(path)),
    enter(path) {
      const text = readRules(join(root, path, fileName), `${path}/${fileName}`);
      const own = text === undefined ? [] : prefixRules(text, inTree(path));
      return own.length === 0 ? this : rulesOf(root, fileName, base, fresh().add(rules).add(own));
    },
  };
}

/** The folder of the git repository that `root` lies in, if it does. */
function repositoryOf(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The rules of the folders above the root, up to the repository's; none where they ignore the root itself. */
function outerRules(root: string): { base: string; rules: Ignore } {
  const repository = repositoryOf(root);
  const none = { base: '', rules: fresh() };
  if (repository === undefined || repository === root) return none;
  const base = relative(repository, root).split(sep).join('/');
  const rules = fresh();
  const folders = base.split('/');
  for (let depth = 0; depth < folders.length; depth++) {
    const folder = folders.slice(0, depth).join('/');
    const file = join(repository, folder, '.gitignore');
    rules.add(prefixRules(readRules(file, file) ?? '', folder));
  }
  // Whoever names an ignored folder, a build's output say, wants what is in it.
  return rules.ignores(`${base}/`) ? none : { base, rules };
}

/**
 * The rules of the root folder: of `.rigignore` files where the root has one, else of `.gitignore` files, those of the
 * git repository around it included.
 *
 * @param root absolute, without symlinks
 */
export function rootRules(root: string): FolderRules {
  const own = readRules(join(root, RIG_IGNORE), RIG_IGNORE);
  if (own !== undefined) return rulesOf(root, RIG_IGNORE, '', fresh().add(prefixRules(own, '')));
  const { base, rules } = outerRules(realpathSync(root));
  const text = readRules(join(root, '.gitignore'), '.gitignore') ?? '';
  return rulesOf(root, '.gitignore', base, rules.add(prefixRules(text, base)));
}
