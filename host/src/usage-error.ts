import { type CommandClass, ExitCode, type ManifestOption, RigError } from '@rig/plugin-api';
import { usageLine } from './plugins/help-text.ts';
import { recordCommand } from './plugins/record.ts';
import { suggest } from './suggest.ts';

/** What argv gives to a command, by the options that it has. */
interface Given {
  /** Options that it does not have, without their values. */
  unknown: string[];
  /** An option without the value that it needs, and the word that stands in the place of one. */
  valueless?: { option: ManifestOption; name: string; next: string | undefined };
  /** A flag that was given a value. */
  valued?: string;
  /** Names of the options that are there. */
  names: Set<string>;
  /** The words that are no options, those of the path included. */
  words: string[];
}

const isOptionLike = (arg: string): boolean => /^-./.test(arg);

function read(options: readonly ManifestOption[], argv: readonly string[]): Given {
  const given: Given = { unknown: [], names: new Set(), words: [] };
  const find = (name: string): ManifestOption | undefined => options.find((one) => one.names.includes(name));
  const end = argv.indexOf('--');
  const scanned = end === -1 ? argv : argv.slice(0, end);
  for (let i = 0; i < scanned.length; i++) {
    const arg = scanned[i] as string;
    if (!isOptionLike(arg)) {
      given.words.push(arg);
      continue;
    }
    const [name = '', ...inline] = arg.split('=');
    const option = find(name) ?? (name.startsWith('--no-') ? find(`--${name.slice(5)}`) : undefined);
    if (!option) {
      given.unknown.push(name);
      continue;
    }
    given.names.add(name);
    if (!option.value) {
      if (inline.length > 0) given.valued ??= name;
      continue;
    }
    if (inline.length > 0) continue;
    const next = scanned[i + 1];
    const isMissing = next === undefined || isOptionLike(next);
    if (isMissing) given.valueless ??= { option, name, next };
    // `--lines -5`: what is no option of this command was meant as the value.
    if (!isMissing || (next !== undefined && !find(next.split('=')[0] ?? ''))) i++;
  }
  if (end !== -1) given.words.push(...argv.slice(end + 1));
  return given;
}

/**
 * What clipanion says of a command line, said of the option or argument that is wrong. Values of options are not
 * repeated: somebody may have put a secret there.
 *
 * @param path the words of the command that was meant
 */
export function usageError(
  error: unknown,
  classes: readonly CommandClass[],
  path: string,
  argv: readonly string[],
): unknown {
  const meta = (error as { clipanion?: { type: string } }).clipanion;
  const commandClass = classes.find((one) => one.paths?.some((words) => words.join(' ') === path)) ?? classes[0];
  if (!meta || !commandClass) return error;
  const help = `rig ${path} --help`;
  const make = (message: string, hint = help): RigError =>
    new RigError({ code: 'RIG_USAGE', message, hint, exitCode: ExitCode.Usage });
  const message = (error as Error).message.split('\n')[0] ?? '';
  if (meta.type === 'usage') return make(message);

  const recorded = recordCommand(commandClass);
  const { options, arguments: positionals } = recorded;
  const usage = `rig ${usageLine(recorded, path.split(' '))}; more: ${help}`;
  const { unknown, valueless, valued, names, words } = read(options, argv);
  const [first] = unknown;
  const [word] = words.slice(path.split(' ').length);
  if (first !== undefined && word !== undefined && positionals.some((one) => one.proxy) && !argv.includes('--'))
    return make(`${JSON.stringify(word)} and what follows it must come after --`, usage);
  if (first !== undefined) {
    const known = options.flatMap((option) => option.names).concat('--output', '--context', '--help', '--verbose');
    const [close] = suggest(first, known);
    return make(`"rig ${path}" has no option ${first}`, close ? `did you mean ${close}? All are in: ${help}` : usage);
  }
  if (valued !== undefined) return make(`${valued} takes no value`);
  if (valueless) {
    const { option, name, next } = valueless;
    const hint = next === undefined ? help : `if ${next} is meant as its value: ${name}=${next}`;
    return make(`${name} needs a value: ${option.value}`, hint);
  }
  const typed = words.slice(path.split(' ').length);
  const missing = positionals.filter((one) => one.required).slice(typed.length);
  if (missing.length > 0) return make(`"rig ${path}" needs ${missing.map((one) => one.name).join(' and ')}`, usage);
  const extra = positionals.some((one) => one.rest) ? undefined : typed[positionals.length];
  if (extra !== undefined) {
    // Where one command takes the app as an argument, the next wants an option.
    const app = positionals.length === 0 && options.some((option) => option.names.includes('--app'));
    const hint = app && !names.has('--app') ? `if that is the app: rig ${path} --app ${extra}` : usage;
    return make(`"rig ${path}" does not take ${JSON.stringify(extra)}`, hint);
  }
  const needed = options.find((option) => option.required && !option.names.some((name) => names.has(name)));
  if (needed) {
    const long = needed.names.reduce((a, b) => (b.length > a.length ? b : a));
    return make(`"rig ${path}" needs ${long} ${needed.value ?? ''}`.trimEnd(), usage);
  }
  return make(`these words do not fit "rig ${path}": ${message}`);
}
