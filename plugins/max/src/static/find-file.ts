import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What a request's path names. */
export type Found =
  | { kind: 'file'; path: string; size: number; mtimeMs: number }
  /** A folder that was asked for without its last slash: its relative links would lead astray. */
  | { kind: 'redirect'; location: string }
  | { kind: 'none' };

const NONE: Found = { kind: 'none' };

/**
 * Finds the file that a request's target names, below `root` and nowhere else: no `..`, no dotfile (`.well-known` apart),
 * and no symlink that leads out.
 *
 * @param root a real path, without symlinks
 */
export async function findFile(root: string, target: string): Promise<Found> {
  const raw = target.split(/[?#]/, 1)[0]!;
  const segments = decodePath(raw);
  if (segments === undefined) return NONE;
  const path = await inside(root, join(root, ...segments));
  if (path === undefined) return NONE;
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return NONE;
  if (info.isDirectory()) {
    const slash = raw.endsWith('/');
    const index = await inside(root, join(path, 'index.html'));
    const indexInfo = index === undefined ? undefined : await stat(index).catch(() => undefined);
    if (index === undefined || !indexInfo?.isFile()) return NONE;
    // One slash at the head: two would name another host.
    if (!slash)
      return {
        kind: 'redirect',
        location: `/${segments.map(encodeURIComponent).join('/')}/${target.slice(raw.length)}`,
      };
    return { kind: 'file', path: index, size: indexInfo.size, mtimeMs: indexInfo.mtimeMs };
  }
  if (!info.isFile() || raw.endsWith('/')) return NONE;
  return { kind: 'file', path, size: info.size, mtimeMs: info.mtimeMs };
}

/** The segments of a path, or `undefined` for one that is not served whatever lies there. */
function decodePath(raw: string): string[] | undefined {
  if (!raw.startsWith('/')) return undefined;
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const segments = decoded.split('/').filter((segment) => segment !== '');
  return segments.some((segment) => segment.startsWith('.') && segment !== '.well-known') ? undefined : segments;
}

/** The real path, where it lies in the root and no dotfile is on the way to it. */
async function inside(root: string, path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return undefined;
  if (real === root) return real;
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
  const hidden = real
    .slice(root.length)
    .split(sep)
    .some((segment) => segment.startsWith('.') && segment !== '.well-known');
  return hidden ? undefined : real;
}
