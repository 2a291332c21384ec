import { expect, test } from 'vitest';
import { parseFormation } from '../../../plugins/resources/src/formation.ts';

const parse = (pairs: string[], instances?: string, process?: string) => parseFormation({ pairs, instances, process });

test('reads a number of web, of another type, and of several', () => {
  expect(parse([], '2')).toEqual({ web: 2 });
  expect(parse([], '0', 'worker')).toEqual({ worker: 0 });
  expect(parse(['web=32', 'worker=0'])).toEqual({ web: 32, worker: 0 });
});

test.each([
  [[], undefined, undefined, /not said/],
  [[], undefined, 'worker', /not said/],
  [['web=2'], '2', undefined, /said twice/],
  [['web=2'], undefined, 'worker', /said twice/],
  [['web=2', 'web=3'], undefined, undefined, /number of web is said twice/],
  [['web'], undefined, undefined, /"web" is not of the form TYPE=N/],
  [['=2'], undefined, undefined, /TYPE=N/],
  [['a b=2'], undefined, undefined, /TYPE=N/],
  [['web=two'], undefined, undefined, /from 1 to 32, and is "two"/],
  [['worker=33'], undefined, undefined, /from 0 to 32, and is "33"/],
  [[], '-1', undefined, /"-1"/],
  [[], '2', 'a.b', /--process/],
] as Array<[string[], string | undefined, string | undefined, RegExp]>)(
  'refuses %j, --instances %s, --process %s',
  (pairs, instances, process, message) => {
    expect(() => parse(pairs, instances, process)).toThrow(
      expect.objectContaining({ code: 'RIG_BAD_OPTION', exitCode: 2, message: expect.stringMatching(message) }),
    );
  },
);

test('none of web is a stop', () => {
  expect(() => parse(['web=0'])).toThrow(expect.objectContaining({ hint: expect.stringContaining('rig stop app') }));
});
