import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestCommand } from '../../plugin-api/src/manifest.ts';

/** A command and the plugin that it belongs to. */
export interface OwnedCommand {
  plugin: string;
  /** What is typed, e.g. `create app`. */
  words: string[];
  command: ManifestCommand;
}

/** Every command of rig and of its first-party plugins, as the build has recorded them from their classes. */
export function everyCommand(): OwnedCommand[] {
  const file = join(import.meta.dirname, '..', '..', 'host', 'dist', 'first-party.json');
  const { inputs } = JSON.parse(readFileSync(file, 'utf8')) as {
    inputs: Array<{ name: string; commands: ManifestCommand[] }>;
  };
  return inputs.flatMap(({ name, commands }) =>
    commands.flatMap((command) => command.paths.map((words) => ({ plugin: name, words, command }))),
  );
}
