import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codesInSources } from './codes.ts';
import { codesIn, pages, ROOT, tablesOf, textOf } from './pages.ts';

const all = pages();

/** A page without its code blocks. */
const prose = (path: string): string => textOf(path).replace(/^```[\s\S]*?^```$/gm, '');

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (path: string): Set<string> =>
  new Set([...prose(path).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));

describe('the pages', () => {
  test('lead nowhere that is not there', () => {
    const dead: string[] = [];
    for (const page of all)
      for (const [, target = ''] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
        if (!existsSync(join(ROOT, file))) dead.push(`${page}: ${target}`);
        else if (anchor && statSync(join(ROOT, file)).isFile() && !anchorsOf(file).has(anchor))
          dead.push(`${page}: ${target} (no such heading)`);
      }
    expect(dead).toEqual([]);
    expect(all.length).toBeGreaterThan(40);
  });

  test('can all be reached from README', () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !existsSync(join(ROOT, page))) return;
      reached.add(page);
      for (const [, target = ''] of prose(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        const file = relative(ROOT, join(ROOT, dirname(page), target));
        if (file.endsWith('.md')) visit(file);
        else for (const other of all) if (dirname(other) === file) visit(other);
      }
    };
    visit('README.md');
    expect(all.filter((page) => !reached.has(page))).toEqual([]);
  });

  test('name files of the repository that are there', () => {
    const roots = /^(?:host|plugin-api|plugins|test|docs|examples|\.github|\.ci)\/[\w./-]+\.\w+$/;
    const dead = all.flatMap((page) =>
      codesIn(prose(page))
        .filter((path) => roots.test(path) && !path.includes('/dist'))
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(dead).toEqual([]);
  });

  test('name no code and no variable that there is not', () => {
    const { codes, variables } = codesInSources();
    const unknown = all.flatMap((page) =>
      [...new Set([...textOf(page).matchAll(/\bRIG_[A-Z0-9_]*[A-Z0-9]\b(?!_)/g)].map(([word]) => word))]
        .filter((word) => !codes.has(word) && !variables.has(word))
        // What settings of plugins are called.
        .filter((word) => !['RIG_PLUGIN_KEY', 'RIG_HELLO_GREETING'].includes(word))
        .map((word) => `${page}: ${word}`),
    );
    expect(unknown).toEqual([]);
  });

  test('name no command that there is not', () => {
    const commands = all
      .filter((page) => page.startsWith('docs/commands/'))
      .flatMap((page) => {
        // Its usage lines have its aliases too.
        const usage = /^```\n([\s\S]*?)^```/m.exec(textOf(page))?.[1] ?? '';
        const aliases = [...usage.matchAll(/^rig ([a-z][a-z -]*[a-z])(?= |$)/gm)].map(([, words = '']) => words);
        return [page.slice('docs/commands/'.length, -'.md'.length).replaceAll('-', ' '), ...aliases];
      });
    const known = (words: string): boolean =>
      /^(help|hello)( |$)/.test(words) ||
      // A command and its arguments, or a group of commands.
      commands.some((command) => `${words} `.startsWith(`${command} `) || command.startsWith(`${words} `));
    const unknown = all.flatMap((page) => {
      const text = textOf(page);
      const lines = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'));
      return [...codesIn(prose(page)), ...lines]
        .flatMap((line) => line.split(/ (?:&&|\|) /))
        .flatMap((line) => /^rig((?: [a-z][a-z-]*(?![\w.=]))+)/.exec(line)?.[1]?.trim() ?? [])
        .filter((words) => !known(words))
        .map((words) => `${page}: rig ${words}`);
    });
    expect(unknown).toEqual([]);
  });
});

describe('docs/risks.md', () => {
  const rows = tablesOf(textOf('docs/risks.md'))[0]?.rows ?? [];

  test('has for each risk an answer and a test that are there', () => {
    expect(rows.length).toBeGreaterThanOrEqual(12);
    for (const [risk = '', likelihood = '', effect = '', answer = '', shown = ''] of rows) {
      expect(risk).not.toBe('');
      expect(likelihood, risk).toMatch(/^(low|medium|high)$/);
      expect(effect, risk).toMatch(/^(low|medium|high)\b/);
      expect(answer, risk).not.toBe('');
      const tests = codesIn(shown);
      expect(tests.length, risk).toBeGreaterThan(0);
      for (const file of tests) expect(existsSync(join(ROOT, file)), `${file}, of: ${risk}`).toBe(true);
    }
  });
});
