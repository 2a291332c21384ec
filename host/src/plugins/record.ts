import {
  API_VERSION,
  type CommandClass,
  ExitCode,
  eventReceived,
  type Manifest,
  type ManifestArgument,
  type ManifestCommand,
  type ManifestOption,
  type PluginDefinition,
  RigError,
} from '@rig/plugin-api';
import { Command } from 'clipanion';

/** What the rest of the words is declared as; `verbatim` is what clipanion has no notion of: it stands after `--`. */
interface Rest {
  name?: string;
  required?: number;
  verbatim?: boolean;
}

/** The calls that an option's `definition` makes on clipanion's command builder. */
class Recorder {
  readonly options: ManifestOption[] = [];
  readonly arguments: ManifestArgument[] = [];

  addOption(option: {
    names: string[];
    arity?: number;
    description?: string;
    hidden?: boolean;
    required?: boolean;
  }): void {
    if (option.hidden) return;
    const long = option.names.reduce((a, b) => (b.length > a.length ? b : a), '');
    this.options.push({
      names: option.names,
      ...(option.description ? { description: option.description } : {}),
      ...((option.arity ?? 0) > 0 ? { value: placeholder(long) } : {}),
      ...(option.required ? { required: true } : {}),
    });
  }

  addPositional({ name = 'arg', required = true }: { name?: string; required?: boolean } = {}): void {
    this.arguments.push({ name, required });
  }

  addRest({ name = 'arg', required = 0, verbatim = false }: Rest = {}): void {
    this.arguments.push({ name, required: required > 0, rest: true, ...(verbatim ? { proxy: true } : {}) });
  }

  addProxy({ name = 'args', required = 0 }: { name?: string; required?: number } = {}): void {
    this.arguments.push({ name, required: required > 0, rest: true, proxy: true });
  }
}

/** `--state-dir` takes a DIR: the last word of the option's name says what its value is. */
const placeholder = (option: string): string => (option.replace(/^-+/, '').split('-').pop() ?? '').toUpperCase();

function incomplete(commandClass: CommandClass, what: string): RigError {
  return new RigError({
    code: 'RIG_PLUGIN_FAILED',
    message: `the command class ${commandClass.name || 'without a name'} has no ${what}`,
    hint: `add it: static override ${what} = …`,
    exitCode: ExitCode.Plugin,
  });
}

/**
 * Records a command for the manifest from its class, the way clipanion itself reads it.
 *
 * @throws RigError `RIG_PLUGIN_FAILED` (8) where the class lacks what every command needs
 */
export function recordCommand(commandClass: CommandClass): ManifestCommand {
  if (!commandClass.paths?.length) throw incomplete(commandClass, 'paths');
  if (!(commandClass as Partial<CommandClass>).result?.kind) throw incomplete(commandClass, 'result');
  const command = new commandClass() as unknown as Record<string, unknown>;
  const recorder = new Recorder();
  for (const key in command) {
    const option = command[key] as {
      [Command.isOption]?: boolean;
      definition?(builder: Recorder, key: string): void;
    } | null;
    if (typeof option === 'object' && option?.[Command.isOption]) option.definition?.(recorder, key);
  }
  const usage = (commandClass.usage ?? {}) as {
    description?: string;
    details?: string;
    examples?: Array<[string, string]>;
  };
  return {
    paths: commandClass.paths,
    ...(usage.description ? { description: oneLine(usage.description) } : {}),
    ...(usage.details ? { details: paragraphs(usage.details) } : {}),
    ...(usage.examples ? { examples: usage.examples } : {}),
    arguments: recorder.arguments,
    options: recorder.options,
    result: commandClass.result.kind,
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const paragraphs = (text: string): string =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map(oneLine)
    .join('\n\n');

/** What its taps of `event:received` are told of; one without a filter is told of everything. */
function filtersOf({ taps = [] }: PluginDefinition): Pick<Manifest, 'when'> {
  const filters = taps.filter(({ hook }) => hook.name === eventReceived.name).map(({ when }) => when);
  const narrow = filters.filter((filter) => filter !== undefined);
  return filters.length > 0 && narrow.length === filters.length ? { when: narrow } : {};
}

/** Makes the manifest of a loaded plugin. */
export function recordManifest(plugin: PluginDefinition, version: string, entry: string): Manifest {
  return {
    api: API_VERSION,
    name: plugin.name,
    version,
    entry,
    commands: (plugin.commands ?? [])
      .map(recordCommand)
      .sort((a, b) => (a.paths[0]?.join(' ') ?? '').localeCompare(b.paths[0]?.join(' ') ?? '', 'en')),
    ...filtersOf(plugin),
    taps: [...new Set((plugin.taps ?? []).map((tap) => tap.hook.name))].sort(),
    permissions: [...(plugin.permissions ?? [])],
    settings: { ...(plugin.settings ?? {}) },
  };
}
