import { describe, expect, it } from 'vitest';
import { isLoopback, normaliseServer, requireSecure } from '../../../../host/src/http/server-url.ts';

describe('normaliseServer', () => {
  it.each([
    ['https://Max.Example.com/', 'https://max.example.com'],
    ['https://max.example.com:443', 'https://max.example.com'],
    [' http://127.0.0.1:7420 ', 'http://127.0.0.1:7420'],
    ['https://example.com/max//', 'https://example.com/max'],
    ['http://[::1]:7420/', 'http://[::1]:7420'],
  ])('%s is %s', (given, expected) => {
    expect(normaliseServer(given)).toBe(expected);
  });

  it.each([
    ['', 'it is empty', 'https://max.example.com'],
    ['max.example.com', 'http://', 'https://max.example.com'],
    ['localhost:7420', 'http://', 'http://localhost:7420'],
    ['ftp://max.example.com', 'ftp:', 'https://'],
    ['https://', 'not a URL', 'https://'],
    ['https://max.example.com/?a=1', 'after "?"', 'https://'],
  ])('refuses "%s"', (given, why, hint) => {
    expect(() => normaliseServer(given)).toThrow(
      expect.objectContaining({
        code: 'RIG_BAD_SERVER',
        exitCode: 2,
        message: expect.stringContaining(why),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it('never repeats a password', () => {
    for (const url of ['https://ada:sentinel-pass@max.example.com', 'https://[sentinel-pass@x']) {
      let message = '';
      try {
        normaliseServer(url);
      } catch (error) {
        message = `${(error as Error).message} ${(error as { hint?: string }).hint}`;
      }
      expect(message).toContain('user name or a password');
      expect(message).not.toContain('sentinel-pass');
    }
  });
});

describe('requireSecure', () => {
  it.each([
    'http://127.0.0.1:7420',
    'http://localhost:1',
    'http://[::1]:1',
    'http://max.localhost',
    'https://max.example.com',
  ])('takes %s', (server) => {
    expect(() => requireSecure(server)).not.toThrow();
  });

  it.each([
    'http://max.example.com',
    'http://10.0.0.1',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://0.0.0.0',
  ])('refuses %s', (server) => {
    expect(isLoopback(server)).toBe(false);
    expect(() => requireSecure(server)).toThrow(expect.objectContaining({ code: 'RIG_INSECURE_SERVER' }));
  });
});
