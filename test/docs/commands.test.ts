import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_PAGES, makeCommandPages } from '../../host/scripts/docs.ts';

const wanted = makeCommandPages();

test('docs/commands is what `npm run docs` makes of the commands', () => {
  expect(readdirSync(COMMAND_PAGES).sort()).toEqual([...wanted.keys()].sort());
  const changed = [...wanted].filter(([name, text]) => readFileSync(join(COMMAND_PAGES, name), 'utf8') !== text);
  expect(changed.map(([name]) => `${name}: run npm run docs`)).toEqual([]);
});

test('each command has a page, and the index leads to it', () => {
  const index = wanted.get('README.md') ?? '';
  expect(wanted.size).toBeGreaterThan(30);
  for (const name of wanted.keys()) if (name !== 'README.md') expect(index).toContain(`](${name})`);
});
