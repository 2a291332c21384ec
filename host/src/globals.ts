import { ExitCode, RigError } from '@rig/plugin-api';
import { suggest } from './suggest.ts';

/** The forms that a result can be printed in. */
export const FORMATS = ['table', 'json', 'ndjson', 'yaml', 'name'] as const;
/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** The options that every command takes. */
export interface Globals {
  output?: Format;
  context?: string;
  color?: 'auto' | 'always' | 'never';
  verbose: boolean;
  /** Print the hooks that fire, who taps them and how long each took. */
  trace: boolean;
  /** First-party plugins alone. */
  noPlugins: boolean;
  help: boolean;
}

/** The global options of argv, and what is left for the command. */
export interface ParsedArgv {
  globals: Globals;
  rest: string[];
}

const usage = (message: string, hint: string): RigError =>
  new RigError({ code: 'RIG_USAGE', message, hint, exitCode: ExitCode.Usage });

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  if ((allowed as readonly string[]).includes(value)) return value as T;
  const [close] = suggest(value, allowed);
  throw usage(
    `${option} ${JSON.stringify(value)} is not one of ${allowed.join(', ')}`,
    close === undefined ? `for example: ${option} ${allowed[0]}` : `did you mean: ${option} ${close}`,
  );
}

/**
 * Takes the global options out of argv, up to the first `--`: clipanion has none of its own.
 *
 * A wrong value is thrown only after everything was read, so that `-o json` holds for the error itself: it is in the
 * `error` of the answer.
 */
export function parseGlobals(argv: readonly string[]): ParsedArgv & { error?: RigError } {
  const globals: Globals = { verbose: false, trace: false, noPlugins: false, help: false };
  const rest: string[] = [];
  let error: RigError | undefined;
  const take = (fn: () => void): void => {
    try {
      fn();
    } catch (thrown) {
      error ??= thrown as RigError;
    }
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] as string;
    if (arg === '--') {
      rest.push(...argv.slice(i));
      break;
    }
    const [, name = arg, inline] = /^(--[a-z-]+)=(.*)$/s.exec(arg) ?? /^(-o)=?(.+)$/s.exec(arg) ?? [];
    const value = (hint: string): string => {
      if (inline !== undefined) return inline;
      const next = argv[i + 1];
      if (next === undefined || next.startsWith('-')) throw usage(`${name} needs a value`, hint);
      i++;
      return next;
    };
    /** A flag; `--verbose=no` must not turn it on. */
    const flag = (set: () => void): void =>
      take(() => {
        if (inline !== undefined) throw usage(`${name} takes no value, and ${JSON.stringify(inline)} was given`, name);
        set();
      });
    switch (name) {
      case '-o':
      case '--output':
        take(() => {
          globals.output = oneOf(name, value('rig help output'), FORMATS);
        });
        break;
      case '--context':
        take(() => {
          globals.context = value('--context NAME');
        });
        break;
      case '--color':
        take(() => {
          globals.color =
            inline === undefined ? 'always' : oneOf('--color', inline, ['auto', 'always', 'never'] as const);
        });
        break;
      case '--no-color':
        flag(() => {
          globals.color = 'never';
        });
        break;
      case '--verbose':
        flag(() => {
          globals.verbose = true;
        });
        break;
      case '--trace':
        flag(() => {
          globals.trace = true;
        });
        break;
      case '--no-plugins':
        flag(() => {
          globals.noPlugins = true;
        });
        break;
      case '-h':
      case '--help':
        flag(() => {
          globals.help = true;
        });
        break;
      default:
        rest.push(arg);
    }
  }
  return { globals, rest, ...(error ? { error } : {}) };
}
