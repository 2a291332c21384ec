import type { CommandClass } from './command.ts';
import type { Tap } from './hooks.ts';

/** The version of this API; its major number must be the host's. */
export const API_VERSION = '1.0.0';

/** What a plugin may be allowed to use; an undeclared one throws `RIG_PERMISSION` with the line to add. */
export type Permission = 'http' | 'socket' | 'auth:token' | 'config:write' | 'exec';

/** All there are, for checking a manifest. */
export const PERMISSIONS: readonly Permission[] = ['http', 'socket', 'auth:token', 'config:write', 'exec'];

/** A setting of a plugin, read as `<plugin>.<key>` from every layer of configuration. */
export interface SettingDefinition {
  /** Type of the value; text from the environment is converted. */
  type: 'string' | 'number' | 'boolean';
  /** One sentence for `rig config list`. */
  description: string;
  /** The value where no layer has one. */
  default?: string | number | boolean;
  /** Whether a project file may set it; only for what does no harm in a cloned folder that nobody has read. */
  project?: boolean;
}

/** What a plugin's module exports as its default: an inert value, nothing runs when it is made. */
export interface PluginDefinition {
  /** The short name, `[a-z][a-z0-9-]*`; prefixes its settings and names it in messages. */
  name: string;
  /** Classes of its commands; none unless said. */
  commands?: readonly CommandClass[];
  /** Taps of hooks, each made by `on`; none unless said. */
  taps?: readonly Tap[];
  /** What it uses beyond reading settings and printing; nothing unless said. */
  permissions?: readonly Permission[];
  /** Its settings by name; read as `NAME.KEY`. */
  settings?: Readonly<Record<string, SettingDefinition>>;
  /** Called once before rig exits if the plugin was loaded; may take up to the host's deadline. */
  dispose?(): void | Promise<void>;
}

/** Defines a plugin; the module's default export. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}
