import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../../../plugins/max/src/socket/json.ts';

describe('JSON as the protocol reads it', () => {
  it.each([
    ['{"b":1,"a":2,"b":3}', { b: 1, a: 2 }],
    ['[{"k": {"x":[1,{"y":2 , "y":3}]}, "k":0}]', [{ k: { x: [1, { y: 2 }] } }]],
    ['{ "a" : "t\\":", "a\\"" : {} , "\\u0061" : 2 }', { a: 't":', 'a"': {} }],
    ['{"a":[],"b":{},"a":[1],"c":-1.5e3,"d":null,"e":true}', { a: [], b: {}, c: -1500, d: null, e: true }],
  ])('takes the first of equal keys: %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('keeps a key named like the prototype a key', () => {
    const value = parseJson('{"__proto__":{"x":1},"__proto__":2}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('takes a whole surrogate pair and refuses half of one', () => {
    expect(parseJson('"\\ud83d\\ude00"')).toBe('😀');
    expect(() => parseJson('{"a":["\\ud83d"]}')).toThrow(SyntaxError);
    expect(() => parseJson('{"\\ude00":1}')).toThrow(SyntaxError);
  });

  it('reads a long text with equal keys', () => {
    const long = 'x'.repeat(3_000_000);
    expect(parseJson(`{"a":"${long}","a":1}`)).toEqual({ a: long });
  });
});
