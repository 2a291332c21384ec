import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Reads a file of the repository. */
export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Every Markdown page of the project: README and what lies in docs. */
export function pages(): string[] {
  const below = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? below(join(dir, entry.name))
        : entry.name.endsWith('.md')
          ? [relative(ROOT, join(dir, entry.name))]
          : [],
    );
  return ['README.md', ...below(join(ROOT, 'docs')).sort()];
}

/** A table of a page: its headings, and the text of the cells below them. */
export interface Table {
  /** The heading of the section that it stands in. */
  section: string;
  head: string[];
  rows: string[][];
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));

/** The tables of a page, in order. */
export function tablesOf(text: string): Table[] {
  const tables: Table[] = [];
  let section = '';
  let fenced = false;
  let open: Table | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    if (!fenced && line.startsWith('#')) section = line.replace(/^#+\s*/, '');
    if (fenced || !line.startsWith('|')) {
      open = undefined;
    } else if (open === undefined) {
      open = { section, head: cellsOf(line), rows: [] };
      tables.push(open);
    } else if (!/^\|[\s:|-]+$/.test(line)) {
      open.rows.push(cellsOf(line));
    }
  }
  return tables;
}

/** What stands in backquotes in a text. */
export const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
