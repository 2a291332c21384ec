import { expect } from 'vitest';
import type { Home } from './home.ts';
import { type RigOptions, type RigResult, rig } from './rig.ts';

/** How a command must fail. */
export interface Failure {
  code: string;
  exitCode: number;
  /** What the message names. */
  message: string | RegExp;
  /** What mends it. */
  hint: string | RegExp;
}

/** An error as the machine forms print it. */
export interface ErrorRecord {
  level: string;
  code: string;
  message: string;
  hint?: string;
  exitCode: number;
  requestId?: string;
  lines?: string[];
  details?: Record<string, unknown>;
}

/** The objects on standard error; fails where a line is none. */
export function records(stderr: string): ErrorRecord[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ErrorRecord);
}

/** Runs a command that must fail, as a person and as a script would, and checks all that an error owes to both. */
export async function expectFailure(
  home: Home,
  args: readonly string[],
  failure: Failure,
  options: RigOptions = {},
): Promise<ErrorRecord> {
  expectText(await rig(home, args, options), failure);
  return expectRecord(await rig(home, [...args, '-o', 'json'], options), failure);
}

/** Checks what a person sees: nothing on stdout, one error with its code and a hint, no stack. */
export function expectText({ exitCode, stdout, stderr }: RigResult, failure: Failure): void {
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: failure.exitCode, stdout: '' });
  const lines = stderr.split('\n');
  const errors = lines.filter((line) => line.startsWith('error: '));
  expect(errors, stderr).toHaveLength(1);
  expect(errors[0]).toMatch(failure.message);
  expect(errors[0]).toMatch(new RegExp(`\\(${failure.code}\\)$`));
  expect(lines.find((line) => line.startsWith('hint: ')) ?? stderr).toMatch(failure.hint);
  expect(stderr).not.toMatch(/^\s+at \S+ \(?.*:\d+:\d+\)?$/m);
  expect(stderr).not.toContain('\x1b');
}

/** Checks what a script sees: objects alone on standard error, the error last. */
export function expectRecord({ exitCode, stdout, stderr }: RigResult, failure: Failure): ErrorRecord {
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: failure.exitCode, stdout: '' });
  const said = records(stderr);
  expect(said.filter(({ level }) => level === 'error')).toHaveLength(1);
  const error = said.at(-1) as ErrorRecord;
  expect(error).toMatchObject({ level: 'error', code: failure.code, exitCode: failure.exitCode });
  expect(error.message).toMatch(failure.message);
  expect(error.hint ?? '').toMatch(failure.hint);
  return error;
}
