import type { CreateSession } from '@rig/plugin-api/max';
import { terminalSizeOf } from '../sessions/terminal-size.ts';
import { ProblemError } from './problem-error.ts';

/** Arguments of a command, and bytes of all of them: what systems take at the least. */
const MOST_ARGUMENTS = 10_000;
const MOST_BYTES = 512 * 1024;
const LONGEST_TIMEOUT_S = 30 * 24 * 60 * 60;

const bad = (detail: string): ProblemError => new ProblemError(400, 'RIG_BAD_REQUEST', detail);

/**
 * Reads what a session is to be.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400), `RIG_TOO_LARGE` (413)
 */
export function readCreateSession(body: unknown): CreateSession {
  const fields = body as Record<string, unknown>;
  const instance = fields.instance ?? undefined;
  if (instance !== undefined && (typeof instance !== 'string' || instance.length > 100))
    throw bad('"instance" must be the name of an instance, such as web.1');
  const of = instance === undefined ? {} : { instance };
  switch (fields.kind) {
    case 'shell':
      return { kind: 'shell', ...of, terminal: readTerminal(fields.terminal) };
    case 'command':
      return {
        kind: 'command',
        ...of,
        argv: readArgv(fields.argv),
        ...readTimeout(fields.timeoutSeconds),
        ...readDetach(fields.detach),
      };
    case 'forward':
      return { kind: 'forward', ...of, ...readPort(fields.port) };
    case 'ssh':
      return { kind: 'ssh', ...of };
    default:
      throw bad('"kind" must be shell, command, ssh or forward');
  }
}

function readTerminal(value: unknown): { columns: number; rows: number; term: string } {
  const size = terminalSizeOf(value);
  if (size === undefined) throw bad('"terminal" must have "columns" and "rows" from 1 to 10000');
  const { term } = value as { term?: unknown };
  // It names a file of the system.
  if (typeof term !== 'string' || !/^[A-Za-z0-9][\w.+-]{0,63}$/.test(term))
    throw bad('"terminal" must have a "term", such as xterm-256color');
  return { ...size, term };
}

function readArgv(value: unknown): string[] {
  const isArgument = (one: unknown): one is string => typeof one === 'string' && !one.includes('\0');
  if (!Array.isArray(value) || value.length === 0 || !value.every(isArgument) || value[0] === '')
    throw bad('"argv" must be a program and its arguments: texts without a zero byte');
  const bytes = value.reduce((sum, one) => sum + Buffer.byteLength(one) + 1, 0);
  if (value.length > MOST_ARGUMENTS || bytes > MOST_BYTES)
    throw new ProblemError(
      413,
      'RIG_TOO_LARGE',
      `the command has ${value.length} arguments of ${bytes} bytes; ${MOST_ARGUMENTS} of ${MOST_BYTES} are the most`,
      { fix: 'hand large input over on standard input' },
    );
  return value;
}

function readTimeout(value: unknown): { timeoutSeconds?: number } {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'number' || !(value > 0 && value <= LONGEST_TIMEOUT_S))
    throw bad(`"timeoutSeconds" must be a number of seconds up to ${LONGEST_TIMEOUT_S}`);
  return { timeoutSeconds: value };
}

function readDetach(value: unknown): { detach?: boolean } {
  if (value === undefined || value === null || value === false) return {};
  if (value === true) return { detach: true };
  throw bad('"detach" must be true or false');
}

function readPort(value: unknown): { port?: number } {
  if (value === undefined || value === null) return {};
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 65_535)
    throw bad('"port" must be a TCP port from 1 to 65535');
  return { port: value as number };
}
