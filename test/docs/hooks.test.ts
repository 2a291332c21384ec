import { describe, expect, test } from 'vitest';
import { hooksInSources } from './hook-tokens.ts';
import { codesIn, tablesOf, textOf } from './pages.ts';

const page = textOf('docs/hooks.md');
const { tokens, fired } = hooksInSources();
const tables = tablesOf(page);
const rows = (tables.find(({ head }) => head[0] === 'hook')?.rows ?? []).map(
  ([name = '', token = '', kind = '', onFailure = '', deadline = '', where = '']) => ({
    name: codesIn(name)[0] ?? '',
    token: codesIn(token)[0] ?? '',
    from: codesIn(token)[1] ?? '',
    kind,
    onFailure,
    deadline: Number(deadline.replace(/ s$/, '')) * 1000,
    file: codesIn(where)[0] ?? '',
  }),
);

const entryOf = (file: string): string =>
  file.startsWith('plugin-api/')
    ? '@rig/plugin-api'
    : file.replace(/^plugins\/(\w+)\/src\/hooks\.ts$/, '@rig/plugin-$1/hooks');

describe('docs/hooks.md', () => {
  test('lists every hook of the sources as it is, and no other', () => {
    const byName = <T extends { name: string }>(list: T[]): T[] => list.sort((a, b) => a.name.localeCompare(b.name));
    expect(byName(rows.map(({ file, ...row }) => row))).toEqual(
      byName(
        tokens.map(({ name, token, file, kind, onFailure, deadline }) => ({
          name,
          token,
          from: entryOf(file),
          kind,
          onFailure,
          deadline,
        })),
      ),
    );
    expect(tokens.length).toBeGreaterThan(3);
  });

  test('says where each is fired', () => {
    for (const { token, file } of rows) expect(fired.get(token), `${token} is fired in ${file}`).toContain(file);
    const known = new Set(rows.map(({ token }) => token));
    // `hook` is what the host hands through.
    expect([...fired.keys()].filter((token) => !known.has(token) && token !== 'hook')).toEqual([]);
  });

  test('has the fields of every payload', () => {
    const payloads = tables.filter(({ head }) => head[0] === 'field');
    expect(payloads.length).toBe(tokens.length);
    const described = payloads.map(({ rows: fields }) =>
      Object.fromEntries(fields.map(([name = '', type = '']) => [codesIn(name)[0], codesIn(type)[0]])),
    );
    for (const { fields, name } of tokens) expect(described, name).toContainEqual(fields);
  });
});
