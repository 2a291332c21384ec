import { expect, test } from 'vitest';
import { checkLogPattern, parseLogTime } from '../../../../plugin-api/src/max/index.ts';
import { BadSelection, readSelection } from '../../../../plugins/max/src/logs/selection.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['10m', '2026-03-01T11:50:00.000Z'],
  ['1h30m', '2026-03-01T10:30:00.000Z'],
  ['1d', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2026-02-28T10:00', '2026-02-28T10:00:00.000Z'],
  ['2026-02-28T10:00:00+02:00', '2026-02-28T08:00:00.000Z'],
])('the time %s', (text, at) => {
  expect(new Date(parseLogTime(text, NOW) ?? 0).toISOString()).toBe(at);
});

test.each(['', '10', 'm', '-10m', 'yesterday', '2026-02-30', '2026-13-01', '2026-02-28T25:00'])(
  'no time: %j',
  (text) => {
    expect(parseLogTime(text, NOW)).toBeUndefined();
  },
);

test.each([
  ['a(b', 'Unterminated group at character 2'],
  ['(a)(b', 'Unterminated group at character 4'],
  ['a**', 'Nothing to repeat at character 3'],
  ['x[ab', 'Unterminated character class at character 2'],
  ['a)b', "Unmatched ')' at character 2"],
  ['a\\', '\\ at end of pattern at character 2'],
])('the pattern %s is refused with where', (pattern, why) => {
  expect(checkLogPattern(pattern)).toBe(why);
});

test('a good pattern passes, one that is too long does not', () => {
  expect(checkLogPattern('customer=(17|18) {"level"')).toBeUndefined();
  expect(checkLogPattern('a'.repeat(1001))).toContain('1000 are the most');
});

test.each([
  ['since', 'soon', /"since" must be a time such as/],
  ['level', 'loud', /"level" must be one of trace, debug/],
  ['grep', '(', /"grep" is no regular expression: Unterminated group at character 1/],
  ['lines', '10001', /"lines" must be a whole number/],
  ['instance', 7, /"instance" must be a text/],
])('a selection with a bad %s says so', (name, value, message) => {
  const read = (): unknown => readSelection((asked) => (asked === name ? value : undefined), NOW);
  expect(read).toThrow(BadSelection);
  expect(read).toThrow(message);
});

test('the end must not be before the beginning', () => {
  const given: Record<string, string> = { since: '1h', until: '2h' };
  expect(() => readSelection((name) => given[name], NOW)).toThrow(/must not be after "until"/);
});
