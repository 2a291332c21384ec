import { describe, expect, test } from 'vitest';
import { Access, type Session } from '../../../../plugins/dashboard/src/web/access.ts';

describe('access to the web dashboard', () => {
  test('a token is good once, and then there is another', () => {
    let used = 0;
    const access = new Access(() => {
      used += 1;
    });
    const { token } = access;
    expect(access.enter('wrong')).toBe('unknown');
    expect(access.enter(token)).toMatchObject({ secret: expect.any(String), key: expect.any(String) });
    expect(used).toBe(1);
    expect(access.token).not.toBe(token);
    expect(access.enter(token)).toBe('used');
    expect(used).toBe(1);
  });

  test('both halves of one session are needed', () => {
    const access = new Access(() => {});
    const [one, two] = [access.enter(access.token), access.enter(access.token)] as [Session, Session];
    expect(access.holds(one.secret, one.key)).toBe(true);
    expect(access.holds(two.secret, two.key)).toBe(true);
    expect(access.holds(one.secret, two.key)).toBe(false);
    expect(access.holds(undefined, one.key)).toBe(false);
    expect(access.holds(one.secret, undefined)).toBe(false);
    expect(access.holds('', '')).toBe(false);
  });

  test('the oldest session makes room for a new one beyond 32', () => {
    const access = new Access(() => {});
    const sessions = Array.from({ length: 33 }, () => access.enter(access.token) as Session);
    const held = sessions.filter(({ secret, key }) => access.holds(secret, key));
    expect(held).toEqual(sessions.slice(1));
  });
});
