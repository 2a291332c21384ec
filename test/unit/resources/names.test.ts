import { parseLimit } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import { fullName, requireName } from '../../../plugins/resources/src/names.ts';
import { take } from '../../../plugins/resources/src/take.ts';

describe('requireName', () => {
  test('lets a good name pass', () => {
    expect(() => requireName('network', 'shop-2', () => '')).not.toThrow();
  });

  test.each([
    ['Shop', 'upper case', 'shop'],
    ['2shop', 'begins with a digit', 'shop'],
    ['my_shop', '"_"', 'my-shop'],
    ['shop-', 'ends with "-"', 'shop'],
    ['', 'is empty', 'app'],
    ['a'.repeat(64), '64 characters', 'a'.repeat(63)],
  ])('refuses %j and gives a valid name', (name, reason, suggestion) => {
    const check = (): void => requireName('network', name, (valid) => `rig create network ${valid}`);
    expect(check).toThrow(
      expect.objectContaining({
        code: 'RIG_BAD_NAME',
        exitCode: 2,
        message: expect.stringContaining(reason),
        hint: `rig create network ${suggestion}`,
      }),
    );
  });
});

test('an app is named with its network', () => {
  expect(fullName({ app: 'api', network: 'shop' })).toBe('api.shop');
});

describe('--limit', () => {
  test('is a whole number above 0, or what the list has by itself', () => {
    expect([parseLimit(undefined, 20), parseLimit('1', 20)]).toEqual([20, 1]);
  });

  test.each(['0', '-3', '1.5', 'many', ''])('%j is refused', (text) => {
    expect(() => parseLimit(text, 20)).toThrow(expect.objectContaining({ code: 'RIG_BAD_OPTION', exitCode: 2 }));
  });

  test('no more than that is asked for', async () => {
    let asked = 0;
    async function* numbers(): AsyncGenerator<number> {
      for (;;) yield asked++;
    }
    expect(await take(numbers(), 3)).toEqual([0, 1, 2]);
    expect(asked).toBe(3);
    expect(await take(numbers(), 0)).toEqual([]);
  });
});
