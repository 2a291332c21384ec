import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventFilter, ManifestCommand, Permission, SettingDefinition } from '@rig/plugin-api';

/** One plugin as the index knows it. */
export interface IndexedPlugin {
  version: string;
  /** A package name for first-party plugins, an absolute path for others; `#commands` for the host's own. */
  entry: string;
  permissions: Permission[];
  /** Which events its taps of `event:received` are told of; all where there is none. */
  when?: EventFilter[];
  /** Where it came from; first-party plugins have none. */
  source?: { kind: 'link'; dir: string /** Time and size of the manifest that was read. */; stamp: string };
  /** Why it cannot be used, if its manifest was unreadable when the index was made. */
  failed?: { code: string; message: string; hint?: string };
  /** Paths of its manifest that another plugin has: they are that one's. */
  refused?: string[];
}

/** The one file that routing reads: which plugin owns which words, and who taps what. */
export interface CommandIndex {
  /** The host build that wrote it. */
  build: string;
  plugins: Record<string, IndexedPlugin>;
  /** Path (words joined by a space) → plugin. */
  commands: Record<string, string>;
  /** First sentence of each path's help, for groups. */
  summaries: Record<string, string>;
  /** Hook name → plugins that tap it, first-party first. */
  taps: Record<string, string[]>;
  /** Plugin → its settings. */
  settings: Record<string, Record<string, SettingDefinition>>;
}

/** What an index is made of: one plugin with its commands. */
export interface IndexInput extends IndexedPlugin {
  name: string;
  commands: ManifestCommand[];
  taps: string[];
  settings: Record<string, SettingDefinition>;
}

/** Keyed by what people type and name: `rig constructor` must not find what every object has. */
const dictionary = <T>(entries?: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), entries);

/** Builds an index; of two plugins on one path the later one has it, see `settlePaths`. */
export function buildIndex(build: string, inputs: readonly IndexInput[]): CommandIndex {
  const index: CommandIndex = {
    build,
    plugins: dictionary(),
    commands: dictionary(),
    summaries: dictionary(),
    taps: dictionary(),
    settings: dictionary(),
  };
  for (const { name, commands, taps, settings, ...plugin } of inputs) {
    index.plugins[name] = plugin;
    for (const command of commands)
      for (const words of command.paths) {
        const path = words.join(' ');
        index.commands[path] = name;
        index.summaries[path] = command.description ?? '';
      }
    for (const tap of taps) index.taps[tap] = [...(index.taps[tap] ?? []), name];
    if (Object.keys(settings).length > 0) index.settings[name] = settings;
  }
  return index;
}

/** Reads an index, or `undefined` where there is none or it is not readable: then it is made anew. */
export function readIndex(file: string): CommandIndex | undefined {
  try {
    const { build, plugins, commands, summaries, taps, settings } = JSON.parse(
      readFileSync(file, 'utf8'),
    ) as CommandIndex;
    return {
      build,
      plugins: dictionary(plugins),
      commands: dictionary(commands),
      summaries: dictionary(summaries),
      taps: dictionary(taps),
      settings: dictionary(settings),
    };
  } catch {
    return undefined;
  }
}

/** The folder of the user's plugins below rig's data folder. */
export const pluginsDir = (data: string): string => join(data, 'plugins');

/** Reads the pointer to the user's index: the folder's name and the build that wrote it. */
export function readPointer(dir: string): { folder: string; build: string } | undefined {
  try {
    const [folder, build] = readFileSync(join(dir, 'current'), 'utf8').trim().split(' ');
    return folder && build ? { folder, build } : undefined;
  } catch {
    return undefined;
  }
}
