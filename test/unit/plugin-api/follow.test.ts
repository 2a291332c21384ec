import { shouldFollow } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';

describe('--follow', () => {
  test('is the default of forms without an end, and off for one document', () => {
    expect(shouldFollow(undefined, 'table')).toBe(true);
    expect(shouldFollow(undefined, 'ndjson')).toBe(true);
    expect(shouldFollow(false, 'table')).toBe(false);
    expect(shouldFollow(undefined, 'json')).toBe(false);
    expect(shouldFollow(false, 'yaml')).toBe(false);
  });

  test.each(['json', 'yaml'] as const)('with -o %s is a usage error that names the form to take', (format) => {
    expect(() => shouldFollow(true, format)).toThrow(
      expect.objectContaining({ code: 'RIG_FOLLOW_FORM', exitCode: 2, hint: expect.stringContaining('-o ndjson') }),
    );
  });
});
