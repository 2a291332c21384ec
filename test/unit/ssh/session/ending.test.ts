import type { SessionEnd } from '@rig/plugin-api/max';
import { describe, expect, it } from 'vitest';
import { endedWith } from '../../../../plugins/ssh/src/session/index.ts';
import { sessionOf } from './session-peer.ts';

const end = (given: Partial<SessionEnd>): SessionEnd => ({
  reason: 'exited',
  code: null,
  signal: null,
  durationMs: 90_000,
  ...given,
});
const session = sessionOf('session:ses_1');

describe('the end of a session', () => {
  it('by itself gives the code of the program, or 128 and its signal', () => {
    expect(endedWith(session, end({ code: 7 }))).toBe(7);
    expect(endedWith(session, end({ signal: 'SIGTERM' }))).toBe(143);
    expect(endedWith(session, end({ signal: 'SIGKILL' }))).toBe(137);
    expect(endedWith(session, end({}))).toBe(1);
  });

  it.each([
    ['stopped', 'RIG_SESSION_STOPPED', 130],
    ['timeout', 'RIG_SESSION_TIMEOUT', 7],
    ['idle', 'RIG_SESSION_IDLE', 7],
    ['limit', 'RIG_SESSION_LIMIT', 7],
    ['abandoned', 'RIG_SESSION_ABANDONED', 6],
    ['max-stopped', 'RIG_SESSION_MAX_STOPPED', 6],
    ['failed', 'RIG_SESSION_FAILED', 1],
  ] as const)('for the reason %s is %s', (reason, code, exitCode) => {
    expect(() => endedWith(session, end({ reason, detail: 'no such program' }))).toThrow(
      expect.objectContaining({ code, exitCode, message: expect.stringContaining('the shell in api.shop') }),
    );
  });

  it('says why it failed', () => {
    expect(() => endedWith(session, end({ reason: 'failed', detail: 'no such program' }))).toThrow(/no such program/);
  });
});
