import { ExitCode, parseDuration, RigError } from '@rig/plugin-api';
import type { CreateSession } from '@rig/plugin-api/max';
import type { Verbatim } from './verbatim.ts';

/** The options of `rig command` that say what is run, as they were typed. */
export interface RequestOptions {
  verbatim: Verbatim;
  app: string | undefined;
  network: string | undefined;
  instance: string | undefined;
  all: boolean;
  timeout: string | undefined;
  detach: boolean;
  /** Whether standard input is sent was said. */
  stdin: boolean | undefined;
}

/** What is asked of Max; the instance is left out where each is to run it. */
export type CommandRequest = Extract<CreateSession, { kind: 'command' }>;

/** As long as Max takes. */
const LONGEST_TIMEOUT_MS = 30 * 24 * 60 * 60 * 1000;

const usage = (message: string, hint: string): RigError =>
  new RigError({ code: 'RIG_USAGE', message, hint, exitCode: ExitCode.Usage });

const bad = (message: string, hint: string): RigError =>
  new RigError({ code: 'RIG_BAD_OPTION', message, hint, exitCode: ExitCode.Usage });

/** Reads what is to be run, before anything is asked. @throws RigError `RIG_USAGE`, `RIG_BAD_OPTION` (2) */
export function parseRequest(options: RequestOptions): CommandRequest {
  const { verbatim, instance, all, timeout, detach, stdin } = options;
  const { argv, misplaced } = verbatim;
  if (misplaced.length > 0)
    throw usage(
      `"rig command" does not take ${JSON.stringify(misplaced[0])}: what runs in the app comes after --`,
      `${withProgram(options, [...(misplaced[0] === '--' ? misplaced.slice(1) : misplaced), ...(argv ?? [])])}; its other commands are attach, list and stop`,
    );
  if (argv === undefined || argv.length === 0 || argv[0] === '')
    throw usage('"rig command" needs a program to run, after --', `for example: ${withProgram(options, ['ls', '-l'])}`);
  if (stdin === true && (all || detach))
    throw bad(
      `with ${all ? '--all' : '--detach'} nothing is sent to the program, and --stdin says to`,
      'leave --stdin out',
    );
  if (all && instance !== undefined)
    throw bad('--all is every instance, and --instance is one', 'leave one of them out');
  if (instance !== undefined && !/^[A-Za-z0-9_-]+\.\d+$/.test(instance))
    throw bad(
      `--instance must be an instance such as web.1, and is ${JSON.stringify(instance)}`,
      'see which there are: rig status app',
    );
  return {
    kind: 'command',
    argv: [...argv],
    ...(instance === undefined ? {} : { instance }),
    ...(timeout === undefined ? {} : { timeoutSeconds: parseTimeout(timeout) }),
    ...(detach ? { detach } : {}),
  };
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms / 1000;
  throw bad(
    `--timeout must be a duration of the units s, m, h, d and w, up to 30d, and is ${JSON.stringify(text)}`,
    'for example: --timeout 90s',
  );
}

/** The command line with a program, and with every option of the command's own that was given. */
function withProgram(options: RequestOptions, program: readonly string[]): string {
  const { app, network, instance, all, timeout, detach, stdin } = options;
  const given = Object.entries({ app, network, instance, timeout }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  const flags = [all && '--all', detach && '--detach', stdin !== undefined && (stdin ? '--stdin' : '--no-stdin')];
  return shellWords(['rig', 'command', ...given, ...flags.filter((flag) => flag !== false), '--', ...program]);
}

/** Words as they are typed in a shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
