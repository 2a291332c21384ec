import { ExitCode } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../host/src/http/problem.ts';
import { codesIn, tablesOf, textOf } from './pages.ts';

const page = textOf('docs/exit-codes.md');
const rows = (tablesOf(page)[0]?.rows ?? []).map(([code, name = '', meaning]) => ({
  code: Number(code),
  name: codesIn(name)[0],
  meaning,
}));

describe('exit codes', () => {
  test('of docs/exit-codes.md are those of plugin-api', () => {
    expect(Object.fromEntries(rows.map(({ name, code }) => [name, code]))).toEqual(ExitCode);
  });

  test('of rig help exit-codes are the same, in the same words', () => {
    const topic = textOf('host/src/help/topics/exit-codes.txt');
    const lines = [...topic.matchAll(/^ +(\d+) {3}(.+)$/gm)].map(([, code, meaning]) => ({
      code: Number(code),
      meaning,
    }));
    expect(lines).toEqual(rows.map(({ code, meaning }) => ({ code, meaning })));
  });

  test('of an answer of Max are what the page says of its status', () => {
    const sentence = page.slice(page.indexOf('An answer of Max')).replace(/\s+/g, ' ');
    const said = new Map(
      [...sentence.matchAll(/((?:\d{3}(?:, | and )?)+) (?:are|is) (\d)\b/g)].flatMap(([, statuses = '', code]) =>
        (statuses.match(/\d{3}/g) ?? []).map((status): [number, number] => [Number(status), Number(code)]),
      ),
    );
    expect(said.size).toBeGreaterThan(10);
    for (let status = 400; status < 600; status++)
      expect(exitCodeOf(status, 'RIG_X'), String(status)).toBe(said.get(status) ?? ExitCode.Failed);
    expect(exitCodeOf(422, 'RIG_IDEMPOTENCY_CONFLICT')).toBe(ExitCode.Conflict);
    expect(exitCodeOf(422, 'RIG_DIGEST_MISMATCH')).toBe(ExitCode.Failed);
  });
});
