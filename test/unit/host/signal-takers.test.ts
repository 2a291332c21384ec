import { withExitCode } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { SignalTakers } from '../../../host/src/signal-takers.ts';

test('signals go to whoever took them last, and interrupt the command again when nobody does', () => {
  const takers = new SignalTakers();
  const heard: string[] = [];
  expect(takers.take('SIGINT')).toBe(false);
  const stopOuter = takers.onSignal((signal) => heard.push(`outer ${signal}`));
  const stopInner = takers.onSignal((signal) => heard.push(`inner ${signal}`));
  expect(takers.take('SIGINT')).toBe(true);
  stopInner();
  stopInner();
  expect(takers.take('SIGTERM')).toBe(true);
  stopOuter();
  expect(takers.take('SIGHUP')).toBe(false);
  expect(heard).toEqual(['inner SIGINT', 'outer SIGTERM']);
});

test('whoever insists ends the command, whatever it makes of signals', () => {
  const takers = new SignalTakers();
  takers.onSignal(() => {});
  expect([1, 2, 3, 4].map(() => takers.take('SIGINT'))).toEqual([true, true, true, false]);
});

test('a command that another program ends takes them always', () => {
  const takers = new SignalTakers();
  takers.onSignal(() => {}, { always: true });
  expect([1, 2, 3, 4, 5].every(() => takers.take('SIGINT'))).toBe(true);
});

test('an exit code may be known only once the data was printed', () => {
  let code = 0;
  const outcome = withExitCode([], () => code);
  code = 7;
  expect(outcome.exitCode).toBe(7);
  expect(withExitCode([], 3).exitCode).toBe(3);
});
