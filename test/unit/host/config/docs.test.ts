import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTEXT_SETTINGS, HOST_SETTINGS } from '../../../../host/src/config/settings.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');

/** The rows of the table whose first heading is the given one, as text cells. */
function rows(section: string): string[][] {
  const text = page.slice(page.indexOf(`\n${section}\n`));
  const table = /(?:^\|.*\n)+/m.exec(text)?.[0] ?? '';
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe('docs/configuration.md', () => {
  it("lists rig's settings as they are", () => {
    expect(rows('## Settings')).toEqual(
      HOST_SETTINGS.map((s) => [s.key, s.env ?? '', s.project ? 'yes' : 'no', String(s.default ?? ''), s.description]),
    );
    for (const { choices = [] } of HOST_SETTINGS) for (const choice of choices) expect(page).toContain(`\`${choice}\``);
  });

  it('lists the settings of a context as they are', () => {
    expect(rows('### Contexts')).toEqual(CONTEXT_SETTINGS.map((s) => [`contexts.NAME.${s.key}`, s.description]));
  });

  it('lists every code that the configuration gives, and no other', () => {
    const sources = ['host/src/config', 'host/src/commands/config'].flatMap((dir) =>
      readdirSync(join(ROOT, dir)).map((name) => readFileSync(join(ROOT, dir, name), 'utf8')),
    );
    const given = new Set(
      sources.flatMap((text) => [...text.matchAll(/'(RIG_[A-Z_]+)'/g)].map((match) => match[1] as string)),
    );
    for (const setting of HOST_SETTINGS) given.delete(setting.env ?? '');
    // Comes from the check of URLs that HTTP has.
    given.add('RIG_BAD_SERVER');
    // Comes from the lock that everything that is written shares.
    given.add('RIG_LOCKED');
    const listed = rows('## Problems').flatMap(([codes = '']) => codes.split(', '));
    expect(new Set(listed)).toEqual(given);
  });
});
