import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTANCE_FAILURE_CODES, PROBLEM_CODES } from '@rig/plugin-api/max';
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../../host/scripts/sources.ts';
import { codesInSources } from './codes.ts';
import { codesIn, ROOT, tablesOf, textOf } from './pages.ts';

const page = textOf('docs/errors.md');
const { codes, variables } = codesInSources();
const rows = tablesOf(page)
  .filter(({ head }) => head[0] === 'code')
  .flatMap((table) => table.rows)
  .map(([code = '', exit = '', what = '', mend = '']) => ({ code: codesIn(code)[0] ?? code, exit, what, mend }));
const documented = new Map(rows.map((row) => [row.code, row]));

/** Each fault as one line that says what is wrong and where, so that a failing test can be mended from its message. */
const faults = (list: string[]): string => list.sort().join('\n');

describe('docs/errors.md', () => {
  test('there is something to compare', () => {
    expect(codes.size).toBeGreaterThan(100);
    expect([...variables.keys()]).toContain('RIG_SERVER');
    expect(codes.has('RIG_SERVER')).toBe(false);
    for (const code of PROBLEM_CODES) expect(codes.has(code), code).toBe(true);
  });

  test('has a row for every code of the sources', () => {
    const missing = [...codes].filter(([code]) => !documented.has(code));
    expect(faults(missing.map(([code, { places }]) => `no row for ${code}, of ${places.join(', ')}`))).toBe('');
  });

  test('has no row for a code that no source gives out', () => {
    const unknown = rows.filter(({ code }) => codes.get(code)?.given !== true);
    expect(faults(unknown.map(({ code }) => `${code} has a row, and no source gives it out`))).toBe('');
  });

  test('has every code once, with what happened and what mends it', () => {
    expect(rows.length).toBe(documented.size);
    for (const { code, what, mend } of rows) expect([code, what, mend]).not.toContain('');
  });

  test('has the exit codes that the sources have', () => {
    const wrong: string[] = [];
    for (const [code, { exits, pages, warning, vague, places }] of codes) {
      const row = documented.get(code);
      if (row === undefined) continue;
      const said = new Set(row.exit.split(',').map((one) => one.trim()));
      const given = new Set([
        ...[...exits].map(String),
        ...[...pages].map((status) => `HTTP ${status}`),
        ...(warning ? ['warning'] : []),
      ]);
      for (const exit of given) if (!said.has(exit)) wrong.push(`${code} lacks ${exit}, of ${places.join(', ')}`);
      // A helper decides in places that only a person can read.
      if (!vague)
        for (const exit of said) if (!given.has(exit)) wrong.push(`${code} has ${exit}, which no source gives`);
      if (vague && [...said].some((exit) => !/^(\d{1,3}|warning|status|HTTP \d{3})$/.test(exit)))
        wrong.push(`${code} has "${row.exit}" for an exit code`);
    }
    expect(faults(wrong)).toBe('');
  });

  test('every code is met by a test', () => {
    const files = filesBelow([join(ROOT, 'test')]).filter(
      (file) => /\.ts$/.test(file) && !dirname(file).endsWith('docs'),
    );
    const met = new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(/\bRIG_[A-Z0-9_]+/g) ?? []));
    expect(met.size).toBeGreaterThan(100);
    expect(faults([...documented.keys()].filter((code) => !met.has(code)))).toBe('');
  });

  test('has "status" for the codes of instances, as docs/apps.md has a row for each', () => {
    const failures = tablesOf(textOf('docs/apps.md')).find(({ head }) => head[0] === 'failure')?.rows ?? [];
    expect(failures.map(([code = '']) => codesIn(code)[0]).sort()).toEqual([...INSTANCE_FAILURE_CODES].sort());
    const inStatus = rows.filter(({ exit }) => exit.includes('status')).map(({ code }) => code);
    expect(inStatus.sort()).toEqual([...INSTANCE_FAILURE_CODES].sort());
  });

  test('no page names a code that there is not', () => {
    const words = [...page.matchAll(/\bRIG_[A-Z0-9_]+/g)].map(([word]) => word);
    const known = (word: string): boolean => codes.has(word) || variables.has(word);
    expect(faults(words.filter((word) => !known(word)))).toBe('');
  });
});
