import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PERMISSIONS } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../../host/scripts/sources.ts';
import { apiExports, ENTRIES } from './api-exports.ts';
import { codesIn, ROOT, tablesOf, textOf } from './pages.ts';

const page = textOf('docs/writing-a-plugin.md');
const blocks = [...page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', text = '']) => ({
  path,
  text,
}));
const tables = tablesOf(page);
const rowsOf = (section: string): string[][] => tables.find((table) => table.section === section)?.rows ?? [];

describe('the steps of docs/writing-a-plugin.md', () => {
  test('are the files of the example', () => {
    for (const { path, text } of blocks) expect(text, path).toBe(textOf(path));
  });

  test('leave no file of the example out', () => {
    const files = filesBelow([join(ROOT, 'examples', 'hello')]).map((file) => relative(ROOT, file));
    expect(blocks.map(({ path }) => path).sort()).toEqual(files.sort());
    expect(existsSync(join(ROOT, 'examples/hello/src/index.ts'))).toBe(true);
  });

  test('have every permission', () => {
    expect(rowsOf('Permissions').map(([name = '']) => codesIn(name)[0])).toEqual([...PERMISSIONS]);
  });
});

describe('plugin-api', () => {
  const all = apiExports();

  test('has a doc comment on every export and on every member of its interfaces', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all.flatMap(({ entry, undocumented }) => undocumented.map((name) => `${entry} ${name}`))).toEqual([]);
  });

  test.each(Object.keys(ENTRIES))('%s has its exports in the reference, and no other is there', (entry) => {
    const listed = rowsOf(`\`${entry}\``).flatMap(([names = '']) => codesIn(names));
    expect(listed.sort()).toEqual(
      all
        .filter((one) => one.entry === entry)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test('has its services in the reference', () => {
    const services = textOf('plugin-api/src/services.ts').split('export interface Services {')[1] ?? '';
    const members = new Set([...services.matchAll(/^ {2}(?:readonly )?(\w+)[(:<]/gm)].map(([, name]) => name));
    expect(
      rowsOf('`services`')
        .map(([name = '']) => codesIn(name)[0])
        .sort(),
    ).toEqual([...members].sort());
  });
});
