import type { ManifestCommand } from '@rig/plugin-api';
import type { IndexInput } from './index-file.ts';

/** Every path of some commands, as words joined by a space. */
export const pathsOf = (commands: readonly ManifestCommand[]): string[] =>
  commands.flatMap((command) => command.paths.map((words) => words.join(' ')));

/**
 * Gives each path to one plugin: to the first that has it, unless a later one was told to take it over.
 *
 * Linking refuses a path that is taken, but manifests change afterwards, and rig itself gets new commands.
 *
 * @param overridesOf the paths that a plugin may take, as recorded when it was linked with `--override`
 */
export function settlePaths(
  inputs: readonly IndexInput[],
  overridesOf: (name: string) => readonly string[],
): IndexInput[] {
  const owners = new Map<string, string>();
  for (const { name, commands } of inputs) {
    const allowed = overridesOf(name);
    for (const path of pathsOf(commands)) if (!owners.has(path) || allowed.includes(path)) owners.set(path, name);
  }
  return inputs.map((input) => {
    const isOwn = (path: string): boolean => owners.get(path) === input.name;
    const lost = pathsOf(input.commands).filter((path) => !isOwn(path));
    if (lost.length === 0) return input;
    const commands = input.commands
      .map((command) => ({ ...command, paths: command.paths.filter((words) => isOwn(words.join(' '))) }))
      .filter(({ paths }) => paths.length > 0);
    // What another plugin took over on purpose is no news to whoever said so.
    const refused = lost.filter((path) => !overridesOf(owners.get(path) ?? '').includes(path));
    return { ...input, commands, ...(refused.length > 0 ? { refused } : {}) };
  });
}
