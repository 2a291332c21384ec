import { RigError } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import { type EventFilter, eventReceived } from './hooks.ts';
import { PERMISSIONS, type Permission, type SettingDefinition } from './plugin.ts';

/** The name of the manifest file in a plugin's folder. */
export const MANIFEST_FILE = 'rig.manifest.json';

/** One option of a command as help shows it. */
export interface ManifestOption {
  /** All spellings, e.g. `['-n', '--lines']`. */
  names: string[];
  /** What it does, one sentence. */
  description?: string;
  /** Placeholder of the value; absent for a flag. */
  value?: string;
  /** Whether the command needs it; `false` unless said. */
  required?: boolean;
}

/** One positional argument of a command. */
export interface ManifestArgument {
  /** Name as help shows it, upper case. */
  name: string;
  /** Whether the command needs it. */
  required: boolean;
  /** It may be given many times. */
  rest?: boolean;
  /** It takes everything after the command, options included. */
  proxy?: boolean;
}

/** One command of a plugin, enough to route to it and to show its help without importing it. */
export interface ManifestCommand {
  /** Every path that leads to it; the first is its name. */
  paths: string[][];
  /** One sentence for lists of commands. */
  description?: string;
  /** Paragraphs for its own help, an empty line between two. */
  details?: string;
  /** Pairs of what it shows and the line; `$0` stands for `rig`. */
  examples?: Array<[string, string]>;
  /** Positional arguments in order. */
  arguments: ManifestArgument[];
  /** Its own options; those of every command are not among them. */
  options: ManifestOption[];
  /** What it returns; see {@link Result}. */
  result: 'value' | 'list' | 'stream' | 'raw';
}

/**
 * The static manifest of a plugin, generated from its classes by `rig plugins manifest`.
 *
 * It is the upper bound: a command, tap or permission that it lacks does not exist for the host.
 */
export interface Manifest {
  /** Version of plugin-api that it was built against. */
  api: string;
  /** Short name of the plugin, as in `definePlugin`. */
  name: string;
  /** The plugin's version, from its package.json. */
  version: string;
  /** The built ESM bundle, relative to the manifest. */
  entry: string;
  /** Its commands, sorted by name. */
  commands: ManifestCommand[];
  /** Names of the hooks that it taps. */
  taps: string[];
  /** Which events its taps of `event:received` are told of; all where there is none. */
  when?: EventFilter[];
  /** What it may use; see {@link Permission}. */
  permissions: Permission[];
  /** Its settings by name, without the prefix. */
  settings: Record<string, SettingDefinition>;
}

const invalid = (where: string, why: string): RigError =>
  new RigError({
    code: 'RIG_MANIFEST_INVALID',
    message: `${where} is not a valid plugin manifest: ${why}`,
    hint: 'write it anew with: rig plugins manifest',
    exitCode: ExitCode.Plugin,
  });

/** What channels receive is as much as their service gives. */
const undeclaredTap = (name: string): RigError =>
  new RigError({
    code: 'RIG_PERMISSION',
    message: `the plugin "${name}" taps "${eventReceived.name}", which tells what channels receive, without declaring "socket"`,
    hint: "its author adds to definePlugin: permissions: ['socket'], and writes the manifest anew",
    exitCode: ExitCode.Plugin,
  });

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((word) => typeof word === 'string' && /^[a-z][a-z0-9-]*$/.test(word));

/** Text for help, which a terminal is shown as it is: no control characters but line ends and tabs. */
const isText = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && !/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(value));

const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean';

/** What rig takes out of every command line itself, so that no command would ever be given it. */
const OWN_OPTIONS = ['-o', '--output', '--context', '--color', '--no-color', '--verbose', '--trace', '--no-plugins'];
const HELP_OPTIONS = ['-h', '--help'];

const isOption = (value: Partial<ManifestOption> | null): boolean =>
  Array.isArray(value?.names) &&
  value.names.length > 0 &&
  value.names.every((name) => typeof name === 'string' && /^--?[A-Za-z][A-Za-z0-9-]*$/.test(name)) &&
  isText(value.description) &&
  isText(value.value) &&
  isFlag(value.required);

const isArgument = (value: Partial<ManifestArgument> | null): boolean =>
  typeof value?.name === 'string' && isText(value.name) && typeof value.required === 'boolean';

const isFilter = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([key, one]) => ['topic', 'event', 'type'].includes(key) && typeof one === 'string');

const isExample = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((text) => typeof text === 'string' && isText(text));

function checkCommand(where: string, value: unknown): ManifestCommand {
  const command = value as Partial<ManifestCommand> | null;
  if (typeof command !== 'object' || command === null) throw invalid(where, 'a command is not an object');
  const { paths, options, arguments: positionals, examples } = command;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isWords))
    throw invalid(where, '"paths" of a command must be lists of words of a-z, 0-9 and "-"');
  const name = paths[0]?.join(' ');
  if (paths.some(([word]) => word === 'help')) throw invalid(where, `"${name}" begins with "help", which is rig's own`);
  if (!isText(command.description) || !isText(command.details))
    throw invalid(where, `texts of "${name}" must be strings without control characters`);
  if (!Array.isArray(options) || !options.every(isOption))
    throw invalid(where, `"options" of "${name}" must be a list of options with names`);
  const own = options.flatMap(({ names }) => names).find((one) => [...OWN_OPTIONS, ...HELP_OPTIONS].includes(one));
  if (own !== undefined) throw invalid(where, `the option ${own} of "${name}" is rig's own, and would never reach it`);
  if (!Array.isArray(positionals) || !positionals.every(isArgument))
    throw invalid(where, `"arguments" of "${name}" must be a list of arguments with names`);
  if (examples !== undefined && !(Array.isArray(examples) && examples.every(isExample)))
    throw invalid(where, `"examples" of "${name}" must be pairs of what it shows and the line`);
  if (!['value', 'list', 'stream', 'raw'].includes(command.result as string))
    throw invalid(where, `"result" of "${name}" must be value, list, stream or raw`);
  return command as ManifestCommand;
}

/** Two commands on one path would fail only when that is typed. */
function checkPaths(where: string, commands: readonly ManifestCommand[]): void {
  const seen = new Set<string>();
  for (const path of commands.flatMap(({ paths }) => paths.map((words) => words.join(' ')))) {
    if (seen.has(path)) throw invalid(where, `two commands have the path "${path}"`);
    seen.add(path);
  }
}

function checkSetting(where: string, key: string, setting: Partial<SettingDefinition> | null): void {
  // It becomes a part of `rig config get NAME.KEY` and of a variable's name.
  if (!/^[a-z][A-Za-z0-9-]*$/.test(key))
    throw invalid(
      where,
      `the setting ${JSON.stringify(key)} must begin with a small letter and hold letters, digits and "-"`,
    );
  if (!['string', 'number', 'boolean'].includes(setting?.type as string))
    throw invalid(where, `setting "${key}" has no valid "type"`);
  if (typeof setting?.description !== 'string' || !isText(setting.description))
    throw invalid(where, `setting "${key}" has no "description"`);
  if (setting.default !== undefined && typeof setting.default !== setting.type)
    throw invalid(where, `the default of the setting "${key}" is no ${setting.type}`);
}

/**
 * Reads the text of a manifest and checks it, without importing anything of the plugin.
 *
 * @param where names the file in messages
 * @throws RigError `RIG_MANIFEST_INVALID`, `RIG_API_VERSION` or `RIG_PERMISSION`, exit code 8
 */
export function parseManifest(text: string, where: string): Manifest {
  let parsed: Partial<Manifest> | null;
  try {
    parsed = JSON.parse(text) as Partial<Manifest> | null;
  } catch (error) {
    throw invalid(where, error instanceof Error ? error.message : 'it is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid(where, 'it is not an object');
  const { api, name, version, entry, commands, taps, when, permissions, settings } = parsed;
  if (typeof api !== 'string' || !/^\d+\.\d+\.\d+/.test(api)) throw invalid(where, '"api" must be a version');
  if (api.split('.')[0] !== '1')
    throw new RigError({
      code: 'RIG_API_VERSION',
      message: `${where} was built against plugin-api ${api}, and this rig speaks 1`,
      hint: 'install a version of the plugin that was built against plugin-api 1',
      exitCode: ExitCode.Plugin,
    });
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name))
    throw invalid(where, '"name" must begin with a letter and hold a-z, 0-9 and "-" alone');
  if (typeof version !== 'string' || !isText(version)) throw invalid(where, '"version" must be a string');
  if (typeof entry !== 'string' || /^([\\/]|[A-Za-z]:)/.test(entry) || entry.split(/[\\/]/).includes('..'))
    throw invalid(where, '"entry" must be a path inside the plugin');
  if (!Array.isArray(commands)) throw invalid(where, '"commands" must be a list');
  checkPaths(
    where,
    commands.map((command) => checkCommand(where, command)),
  );
  if (!Array.isArray(taps) || !taps.every((tap) => typeof tap === 'string' && tap !== '' && isText(tap)))
    throw invalid(where, '"taps" must be a list of hook names');
  if (when !== undefined && !(Array.isArray(when) && when.every(isFilter)))
    throw invalid(where, '"when" must be a list of filters with "topic", "event" or "type"');
  if (!Array.isArray(permissions)) throw invalid(where, '"permissions" must be a list');
  const unknown = permissions.find((permission) => !PERMISSIONS.includes(permission));
  if (unknown !== undefined) throw invalid(where, `"${unknown}" is no permission; there are ${PERMISSIONS.join(', ')}`);
  if (taps.includes(eventReceived.name) && !permissions.includes('socket')) throw undeclaredTap(name);
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw invalid(where, '"settings" must be an object');
  for (const [key, setting] of Object.entries(settings)) checkSetting(where, key, setting);
  return parsed as Manifest;
}
