import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { type RigOptions, type RigResult, rig } from './rig.ts';

/** The checkout that the tested rig lies in. */
export const REPO = join(import.meta.dirname, '..', '..');

/**
 * What is put before rig in its process: tells every file that is opened or asked for, whoever asks. Node's own loader
 * uses functions of its own for modules, so what was loaded is read from its cache at the end.
 */
const PRELOAD = `const fs = require('node:fs');
const report = process.env.OPENED_REPORT;
delete process.env.OPENED_REPORT;
delete process.env.NODE_OPTIONS;
const append = fs.appendFileSync;
const seen = new Set();
const note = (path) => {
  const file = path instanceof URL ? path.pathname : String(path);
  if (typeof path === 'number' || seen.has(file)) return;
  seen.add(file);
  append(report, file + '\\n');
};
for (const name of ['readFileSync', 'openSync', 'statSync', 'lstatSync', 'existsSync', 'readdirSync', 'readFile', 'open', 'stat', 'lstat', 'readdir', 'access', 'accessSync']) {
  const real = fs[name];
  fs[name] = function (path, ...rest) {
    note(path);
    return real.call(this, path, ...rest);
  };
  if (typeof fs.promises[name] === 'function') {
    const later = fs.promises[name];
    fs.promises[name] = function (path, ...rest) {
      note(path);
      return later.call(this, path, ...rest);
    };
  }
}
const Module = require('node:module');
process.on('exit', () => {
  for (const file of Object.keys(Module._cache)) if (file !== __filename) note(file);
});
// What is loaded as an ES module, by require() or by import(), is in no cache that can be read.
const compile = Module._extensions['.js'];
Module._extensions['.js'] = function (module, file) {
  note(file);
  return compile.call(this, module, file);
};
const resolve = Module._resolveFilename;
Module._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  if (file.startsWith('/')) note(file);
  return file;
};
`;

/** Runs rig and gives the files below the checkout and below the home that it opened or asked for, relative to these. */
export async function openedBy(
  home: Home,
  args: readonly string[],
  options: RigOptions = {},
): Promise<{ result: RigResult; repo: string[]; home: string[] }> {
  const preload = join(home.dir, 'preload.cjs');
  const report = join(home.dir, 'opened.txt');
  writeFileSync(preload, PRELOAD);
  writeFileSync(report, '');
  const env = { ...options.env, NODE_OPTIONS: `--require ${preload}`, OPENED_REPORT: report };
  const result = await rig(home, args, { ...options, env });
  const files = readFileSync(report, 'utf8').split('\n');
  rmSync(preload);
  rmSync(report);
  const below = (dir: string): string[] =>
    files.flatMap((file) => (file.startsWith(`${dir}/`) ? [file.slice(dir.length + 1)] : [])).sort();
  return { result, repo: below(REPO), home: below(home.dir) };
}
