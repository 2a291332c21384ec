import { describe, expect, test } from 'vitest';
import { parseEnvFile } from '../../../../plugins/resources/src/config/env-file.ts';

const read = (text: string): Record<string, string> => {
  const { values, faults } = parseEnvFile(text);
  expect(faults).toEqual([]);
  return Object.fromEntries(values);
};

describe('an env file', () => {
  test.each<[string, string, Record<string, string>]>([
    ['nothing', '', {}],
    ['comments and empty lines', '# a\n\n  \t# b\n   \n', {}],
    ['a plain value', 'A=b', { A: 'b' }],
    ['an empty value', 'A=\nB= \nC= # c', { A: '', B: '', C: '' }],
    ['spaces inside and around', '  A =  b c \t\nB=d', { A: 'b c', B: 'd' }],
    ['a comment behind a value', 'A=b # c\nB=b#c\nC=b\t#c', { A: 'b', B: 'b#c', C: 'b' }],
    [
      'an equals sign, quotes and a backslash in a plain value',
      'A=b=c\nB=it\'s "x"\nC=C:\\new',
      {
        A: 'b=c',
        B: 'it\'s "x"',
        C: 'C:\\new',
      },
    ],
    ['export', 'export A=b\n\texport\tB=c\nexport=d\nexported=e', { A: 'b', B: 'c', export: 'd', exported: 'e' }],
    ['single quotes', 'A=\'b \\n $C # "d"\' # e', { A: 'b \\n $C # "d"' }],
    ['double quotes', 'A="b \\n\\t\\r\\\\\\"\\$ # $C" # e\nB=""', { A: 'b \n\t\r\\"$ # $C', B: '' }],
    ['several lines', 'A="b\n\n c"\nD=\'e\nf\'\nG=h', { A: 'b\n\n c', D: 'e\nf', G: 'h' }],
    ['joined lines', 'A="b\\\nc"', { A: 'bc' }],
    ['lines that end with CRLF', 'A=b\r\nC="d\r\ne"\r\n# f\r\nG=h\r\n', { A: 'b', C: 'd\ne', G: 'h' }],
    ['a byte order mark', '\uFEFFA=b', { A: 'b' }],
    ['nothing expanded', 'A=$B\nC="$(D)"\nE=x`', { A: '$B', C: '$(D)', E: 'x`' }],
    ['other scripts', 'A=żółw 🐢', { A: 'żółw 🐢' }],
    ['a large value', `A=${'x'.repeat(65536)}`, { A: 'x'.repeat(65536) }],
    ['the name __proto__', '__proto__=x\nB=y', JSON.parse('{"__proto__":"x","B":"y"}')],
  ])('reads %s', (_, text, values) => expect(read(text)).toEqual(values));

  test.each([
    ['no equals sign', 'A=b\nhunter2\nC=d', 2, /no "="/],
    ['a colon', 'A: hunter2', 1, /name/],
    ['a name with a dash', 'A-B=hunter2', 1, /name/],
    ['a name that begins with a digit', '1A=hunter2', 1, /name/],
    ['no name', '=hunter2', 1, /name/],
    ['two words before the equals sign', 'A hunter2=c', 1, /no "="/],
    ['a name of Max', 'MAX_TOKEN=hunter2', 1, /Max sets itself/],
    ['PORT', '\n\nexport PORT=hunter2', 3, /Max sets itself/],
    ['an open single quote', "A='hunter2\n\n", 1, /nothing closes/],
    ['an open double quote', 'B=1\nA="hunter2\\"', 2, /nothing closes/],
    ['more behind a quote', 'A="b"hunter2', 1, /closing quote/],
    ['a comment right behind a quote', 'A="b"#hunter2', 1, /closing quote/],
    ['an unknown escape', 'A="C:\\hunter2"', 1, /escape/],
    ['a value that begins with a number sign', 'A=#hunter2', 1, /put it in quotes/],
    ['a backquote', 'A=`hunter2`', 1, /backquotes/],
    ['a zero byte', 'A=hunter2\0', 1, /zero byte/],
    ['a name that is set twice', 'A=hunter2\nB=x\nA=y', 3, /line 1/],
  ])('with %s is refused by the number of the line, without its text', (_, text, line, reason) => {
    const { faults } = parseEnvFile(text);
    expect(faults).toEqual([{ line, reason: expect.stringMatching(reason) }]);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  test('tells of every line that cannot be read', () => {
    const { faults } = parseEnvFile('A\nB=1\n"\nC=2\nD="3\nE=4');
    expect(faults.map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  test('of ten thousand lines is read at once', () => {
    const text = Array.from({ length: 10_000 }, (_, at) => `KEY_${at}="value ${at}"`).join('\n');
    expect(parseEnvFile(text).values.size).toBe(10_000);
  });
});
