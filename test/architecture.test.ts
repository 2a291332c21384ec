import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../host/scripts/sources.ts';

const root = join(import.meta.dirname, '..');
const sources = filesBelow(['plugin-api/src', 'host/src', 'plugins', 'examples/hello'].map((dir) => join(root, dir)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: relative(root, file), text: readFileSync(file, 'utf8') }));

/** Which package a file belongs to: `plugin-api`, `host` or `plugins/NAME`. */
function owner(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'plugins' || first === 'examples' ? `${first}/${second}` : first;
}

/** What a file imports, types included, and whether the import is of types alone. */
function importsOf(text: string): Array<{ from: string; typeOnly: boolean }> {
  const found: Array<{ from: string; typeOnly: boolean }> = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gm))
    found.push({ from: match[2] as string, typeOnly: match[1] !== undefined });
  for (const match of text.matchAll(/(?<!typeof )\bimport\('([^']+)'\)/g))
    found.push({ from: match[1] as string, typeOnly: false });
  for (const match of text.matchAll(/^\s*import\s+'([^']+)'/gm))
    found.push({ from: match[1] as string, typeOnly: false });
  return found;
}

/** The package that an import leads to, if it is one of ours. */
function targetOf(file: string, from: string): string | undefined {
  if (from.startsWith('.')) return owner(join(file, '..', from));
  if (from.startsWith('#')) return 'host';
  const plugin = /^@rig\/plugin-([^/]+)/.exec(from)?.[1];
  if (plugin === 'api') return 'plugin-api';
  if (plugin) return `plugins/${plugin}`;
  return from === '@rig/host' ? 'host' : undefined;
}

const offences = (rule: (source: { file: string; text: string }) => string[]): string[] =>
  sources.flatMap((source) => rule(source).map((what) => `${source.file}: ${what}`));

/** Where the process itself may be touched. */
const PROCESS = [
  /^host\/src\/io\.ts$/,
  /^plugins\/max\/src\/serve\.ts$/,
  /^plugins\/max\/src\/static\/main\.ts$/,
  /^plugins\/max\/src\/engine\//,
];

describe('imports run one way', () => {
  test('there is something to check', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  test('plugin-api imports nothing of the host or of a plugin', () => {
    expect(
      offences(({ file, text }) =>
        owner(file) === 'plugin-api'
          ? importsOf(text).flatMap(({ from }) =>
              (targetOf(file, from) ?? 'plugin-api') === 'plugin-api' ? [] : [from],
            )
          : [],
      ),
    ).toEqual([]);
  });

  test('the host imports no plugin, a plugin neither the host nor another plugin but for its hook tokens', () => {
    expect(
      offences(({ file, text }) =>
        importsOf(text).flatMap(({ from }) => {
          const target = targetOf(file, from);
          if (target === undefined || target === 'plugin-api' || target === owner(file)) return [];
          if (target.startsWith('plugins/') && from.endsWith('/hooks') && owner(file) !== 'host') return [];
          return [from];
        }),
      ),
    ).toEqual([]);
  });

  test('inside the host, its lazy parts are loaded by their names alone', () => {
    // A relative import of http/client.ts from main.ts would put node-fetch on the start-up path.
    const start = /^host\/src\/(main|host|network|dispatch|globals|services|io|dirs|files|suggest)\.ts$/;
    expect(
      offences(({ file, text }) =>
        start.test(file)
          ? importsOf(text).flatMap(({ from, typeOnly }) =>
              !typeOnly && /^\.\/(cli|auth|http|socket|config|hooks|commands|runtime)\b/.test(from) ? [from] : [],
            )
          : [],
      ),
    ).toEqual([]);
  });
});

describe('the process', () => {
  const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

  test('only io, and the entries and the engine of Max touch it', () => {
    expect(
      offences(({ file, text }) =>
        PROCESS.some((allowed) => allowed.test(file))
          ? []
          : [
              ...code(text).matchAll(
                /(?<![.\w'"])process\.(stdin|stdout|stderr|argv|env|cwd|chdir|exit|exitCode|on|once|off|platform|getuid|umask|execPath|pid|versions?)\b/g,
              ),
            ].map(([what]) => what),
      ),
    ).toEqual([]);
  });

  test('what runs in a browser names nothing of Node, though the contract has its types', () => {
    const inPage = ({ file, text }: { file: string; text: string }): string[] =>
      file.startsWith(join('plugins', 'dashboard', 'src', 'web', 'page'))
        ? [...text.matchAll(/\bBuffer\b|\bprocess\.|\bsetImmediate\b|\brequire\(|from 'node:/g)].map(([what]) => what)
        : [];
    expect(sources.some(({ file }) => file.includes(join('web', 'page')))).toBe(true);
    expect(offences(inPage)).toEqual([]);
  });

  test('nothing prints by console', () => {
    expect(offences(({ text }) => [...code(text).matchAll(/\bconsole\.\w+/g)].map(([what]) => what))).toEqual([]);
  });

  test('only the output of the host writes to stdout', () => {
    expect(
      offences(({ file, text }) =>
        /^host\/src\/(io\.ts|output\/)/.test(file)
          ? []
          : [...code(text).matchAll(/\bstdout\.write\b/g)].map(([what]) => what),
      ),
    ).toEqual([]);
  });
});

describe('the tree', () => {
  test('nothing is left unfinished', () => {
    const marks = new RegExp(
      `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['not', 'implemented'].join(' ')})\\b`,
      'i',
    );
    expect(offences(({ text }) => marks.exec(text)?.slice(0, 1) ?? [])).toEqual([]);
  });

  test('the lock file names no registry', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect([...lock.matchAll(/"resolved": "https?:[^"]*"/g)].map(([what]) => what)).toEqual([]);
  });
});
