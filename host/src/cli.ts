import { type CommandClass, ExitCode, type RigCommand, RigError } from '@rig/plugin-api';
import { Cli } from 'clipanion';
import type { Io } from './io.ts';
import { installRuntime } from './runtime.ts';
import { usageError } from './usage-error.ts';

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
