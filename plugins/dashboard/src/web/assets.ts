import { readFileSync } from 'node:fs';

/** A file of the page. */
export interface Asset {
  type: string;
  body: Buffer;
}

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** Reads the files of the page, which the build leaves in `web/` beside the bundle: a handful, kept in memory. */
export function readAssets(folder: URL): ReadonlyMap<string, Asset> {
  return new Map(
    Object.entries(FILES).map(([path, [file, type]]) => [path, { type, body: readFileSync(new URL(file, folder)) }]),
  );
}
