import { type CommandClass, ExitCode, type ManifestOption, type RigCommand, RigError } from '@rig/plugin-api';
import { Cli } from 'clipanion';
import type { Io } from './io.ts';
import { recordCommand } from './plugins/record.ts';
import { installRuntime } from './runtime.ts';
import { suggest } from './suggest.ts';

export { recordManifest } from './plugins/record.ts';
export { installRuntime };

/**
 * Parses argv with the commands that it can mean, and gives the command with its options set.
 *
 * @param paths the paths that the manifest allows, longest first
 * @throws RigError `RIG_USAGE` (2)
 */
export function parse(
  classes: readonly CommandClass[],
  paths: readonly string[],
  argv: string[],
  io: Io,
  execute: (command: RigCommand) => Promise<number>,
): RigCommand {
  const wanted = classes.filter((one) => one.paths?.some((words) => paths.includes(words.join(' '))));
  if (wanted.length === 0)
    throw new RigError({
      code: 'RIG_PLUGIN_FAILED',
      message: `the manifest names "rig ${paths[0]}", and the plugin has no such command`,
      hint: 'write its manifest anew with: rig plugins manifest',
      exitCode: ExitCode.Plugin,
    });
  const cli = new Cli({ binaryName: 'rig', enableColors: false });
  for (const one of wanted) cli.register(one as never);
  try {
    // No streams: commands reach them through their services, and merely touching stdin opens it.
    const context = { env: io.env, stdin: undefined, stdout: undefined, stderr: undefined, colorDepth: 1, execute };
    return cli.process(argv, context as never) as unknown as RigCommand;
  } catch (error) {
    throw usageError(error, wanted, paths[0] as string, argv);
  }
}

function usageError(error: unknown, classes: readonly CommandClass[], path: string, argv: readonly string[]): unknown {
  const meta = (error as { clipanion?: { type: string } }).clipanion;
  if (!meta) return error;
  const hint = `rig ${path} --help`;
  const make = (message: string, more?: string): RigError =>
    new RigError({ code: 'RIG_USAGE', message, hint: more ?? hint, exitCode: ExitCode.Usage });

  const commandClass = classes.find((one) => one.paths?.some((words) => words.join(' ') === path)) ?? classes[0];
  if (!commandClass) return error;
  const { options, arguments: positionals } = recordCommand(commandClass);
  const [unknown] = unknownOptions(options, argv);
  if (unknown !== undefined) {
    const [close] = suggest(
      unknown,
      options.flatMap((option) => option.names).concat('--output', '--context', '--help', '--verbose'),
    );
    return make(`"rig ${path}" has no option ${unknown}`, close ? `did you mean ${close}? All are in: ${hint}` : hint);
  }
  const message = (error as Error).message.split('\n')[0] ?? '';
  if (meta.type === 'usage') return make(message);
  if (/Not enough positional/.test(message)) {
    const missing = positionals.filter((one) => one.required).map((one) => one.name);
    return make(`"rig ${path}" needs ${missing.join(' and ')}`);
  }
  const extra = /Extraneous positional argument \("(.*)"\)/s.exec(message);
  if (extra) return make(`"rig ${path}" does not take ${JSON.stringify(extra[1])}`);
  const valueless = options.find((option) => option.value && option.names.includes(argv[argv.length - 1] ?? ''));
  if (valueless) return make(`${argv[argv.length - 1]} needs a value: ${valueless.value}`);
  const missing = options.find(
    (option) =>
      option.required && !option.names.some((name) => argv.some((arg) => arg === name || arg.startsWith(`${name}=`))),
  );
  if (missing)
    return make(
      `"rig ${path}" needs ${missing.names.reduce((a, b) => (b.length > a.length ? b : a))} ${missing.value ?? ''}`.trimEnd(),
    );
  return make(`these words do not fit "rig ${path}": ${message}`);
}

function unknownOptions(options: readonly ManifestOption[], argv: readonly string[]): string[] {
  const names = new Set(options.flatMap((option) => option.names));
  const end = argv.indexOf('--');
  const unknown: string[] = [];
  const scanned = end === -1 ? argv : argv.slice(0, end);
  for (let i = 0; i < scanned.length; i++) {
    const arg = scanned[i] as string;
    if (!/^--?[A-Za-z]/.test(arg)) continue;
    const name = arg.split('=')[0] as string;
    const option = options.find((one) => one.names.includes(name));
    if (option) {
      // The next word is this option's value, whatever it looks like.
      if (option.value && !arg.includes('=')) i++;
    } else if (!names.has(name) && !(name.startsWith('--no-') && names.has(`--${name.slice(5)}`))) unknown.push(name);
  }
  return unknown;
}
