import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Io } from '../io.ts';
import { type FileData, invalidFile, isPackageJson, PACKAGE_KEY, parseFile } from './parse.ts';

/** The names of a project file, the first that is found in a folder counts. There is none that runs code. */
export const PROJECT_FILES: readonly string[] = ['.rigrc', '.rigrc.json', '.rigrc.yaml', 'package.json'];

/** A project file that was found. */
export interface ProjectFile {
  file: string;
  data: FileData;
}

/**
 * Finds the project file from the current folder upward: to the home folder where that is above, else to the root.
 *
 * @param ignored told why a file that was found is not used
 * @throws RigError `RIG_CONFIG_INVALID` (2)
 */
export async function findProject(
  io: Pick<Io, 'cwd' | 'home' | 'uid'>,
  ignored: (file: string, why: string) => void,
): Promise<ProjectFile | undefined> {
  const found = mayBeThere(io) ? await search(io) : undefined;
  if (!found) return undefined;
  if (isForeign(found.file, io.uid)) {
    ignored(found.file, 'it belongs to another user, in a folder that everybody can write to');
    return undefined;
  }
  return { file: found.file, data: (await parseFile(found.file, found.text)).data };
}

/** A look at the names alone: most folders have no project file, and need nothing loaded to know it. */
function mayBeThere(io: Pick<Io, 'cwd' | 'home'>): boolean {
  const stop = stopDir(io);
  for (let dir = resolve(io.cwd); ; dir = dirname(dir)) {
    if (PROJECT_FILES.some((name) => mayCount(join(dir, name)))) return true;
    if (dir === stop || dir === dirname(dir)) return false;
  }
}

function mayCount(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    return !isPackageJson(file) || mentionsRig(readFileSync(file, 'utf8'));
  } catch {
    return true;
  }
}

async function search(io: Pick<Io, 'cwd' | 'home'>): Promise<{ file: string; text: string } | undefined> {
  const { lilconfigSync } = await import('lilconfig');
  const load = (_file: string, text: string): { text: string } => ({ text });
  // lilconfig finds; the text is read by parseFile, which knows lines and columns.
  const explorer = lilconfigSync(PACKAGE_KEY, {
    searchPlaces: [...PROJECT_FILES],
    packageProp: 'text',
    loaders: {
      noExt: load,
      '.yaml': load,
      '.json': (file, text) => (isPackageJson(file) && !mentionsRig(text) ? {} : { text }),
    },
    stopDir: stopDir(io),
    ignoreEmptySearchPlaces: false,
    cache: false,
  });
  try {
    const result = explorer.search(io.cwd);
    if (!result) return undefined;
    const content = result.config as { text: string } | string | undefined;
    return { file: result.filepath, text: typeof content === 'string' ? content : (content?.text ?? '') };
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw invalidFile(
      path ?? `a project file above ${io.cwd}`,
      `it cannot be read (${code ?? (error as Error).message})`,
    );
  }
}

/** A `package.json` is only looked into where it can have settings for rig. */
function mentionsRig(text: string): boolean {
  if (!text.includes(`"${PACKAGE_KEY}"`)) return false;
  try {
    const data = JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    return typeof data === 'object' && data !== null && Object.hasOwn(data, PACKAGE_KEY);
  } catch {
    // Broken: it may have had them, so it is told rather than passed over for another file above.
    return true;
  }
}

function stopDir({ cwd, home }: Pick<Io, 'cwd' | 'home'>): string {
  const way = relative(home, cwd);
  const below = way === '' || (!way.startsWith('..') && resolve(home, way) === resolve(cwd));
  return below ? home : resolve(cwd, sep);
}

/** In a folder like /tmp anybody can leave a file for whoever works below it. */
function isForeign(file: string, uid: number): boolean {
  if (uid < 0) return false;
  try {
    const { uid: owner } = statSync(file);
    return owner !== uid && owner !== 0 && (statSync(dirname(file)).mode & 0o002) !== 0;
  } catch {
    return false;
  }
}

/** The file that settings of a project are written to: the one that counts in this folder, or a new `.rigrc`. */
export function projectFileIn(dir: string): string {
  const existing = PROJECT_FILES.map((name) => join(dir, name)).find(mayCount);
  return existing ?? join(dir, PROJECT_FILES[0] as string);
}
