import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, isRigError, MANIFEST_FILE, type Manifest, parseManifest, RigError } from '@rig/plugin-api';
import { writeFileAtomically } from '../files.ts';
import { buildId } from './build-id.ts';
import { allHelp, type HelpEntry } from './help-text.ts';
import { buildIndex, type CommandIndex, type IndexInput, pluginsDir, readIndex, readPointer } from './index-file.ts';
import { writeIndex } from './index-writer.ts';

/** A plugin that the user added. */
export interface RegisteredPlugin {
  kind: 'link';
  dir: string;
  /** Paths of other plugins that this one takes over, recorded by `--override`. */
  overrides?: string[];
}

/** The user's plugins: `plugins.json` in rig's data folder. */
export interface Registry {
  version: 1;
  plugins: Record<string, RegisteredPlugin>;
}

/** The manifests of the first-party plugins and the host's own commands, written by the build. */
export interface FirstParty {
  inputs: IndexInput[];
}

const registryFile = (data: string): string => join(pluginsDir(data), 'plugins.json');

/** Reads the user's registry. @throws RigError `RIG_REGISTRY_INVALID` (8) */
export function readRegistry(data: string): Registry {
  const file = registryFile(data);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, plugins: {} };
    throw error;
  }
  try {
    const parsed = JSON.parse(text) as Registry;
    if (parsed.version === 1 && typeof parsed.plugins === 'object') return parsed;
  } catch {
    // Told below, with what to do.
  }
  throw new RigError({
    code: 'RIG_REGISTRY_INVALID',
    message: `${file} is not a plugin registry that this rig can read`,
    hint: `move it away and link your plugins again: mv ${file} ${file}.broken`,
    exitCode: ExitCode.Plugin,
  });
}

/** A file's time and size: enough to see that a manifest was written anew. */
export function stampOf(file: string): string {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${Math.round(mtimeMs)}-${size}`;
  } catch {
    return 'missing';
  }
}

/** Reads the manifest of a folder, and never imports anything of it. */
export function readManifest(dir: string): Manifest {
  const file = join(dir, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const isThere = (path: string): boolean => stampOf(path) !== 'missing';
    throw new RigError({
      code: isThere(join(dir, 'package.json')) ? 'RIG_PLUGIN_NOT_BUILT' : 'RIG_NO_PLUGIN',
      message: isThere(join(dir, 'package.json'))
        ? `${dir} has no ${MANIFEST_FILE}: it was not built`
        : `${dir} is not the folder of a plugin: it has neither package.json nor ${MANIFEST_FILE}`,
      hint: `build it, then: rig plugins manifest ${dir}`,
      exitCode: ExitCode.Plugin,
      cause: error,
    });
  }
  const manifest = parseManifest(text, file);
  if (stampOf(join(dir, manifest.entry)) === 'missing')
    throw new RigError({
      code: 'RIG_PLUGIN_NOT_BUILT',
      message: `the plugin "${manifest.name}" has no ${manifest.entry} in ${dir}: it was not built`,
      hint: `cd ${dir} && npm run build`,
      exitCode: ExitCode.Plugin,
    });
  return manifest;
}

function inputOf(name: string, plugin: RegisteredPlugin, last: CommandIndex | undefined): IndexInput {
  const source = { kind: plugin.kind, dir: plugin.dir, stamp: stampOf(join(plugin.dir, MANIFEST_FILE)) };
  try {
    const { version, entry, permissions, commands, taps, settings } = readManifest(plugin.dir);
    return { name, version, entry: join(plugin.dir, entry), permissions, source, commands, taps, settings };
  } catch (error) {
    if (!isRigError(error)) throw error;
    // It keeps the paths it had, so that its commands can say why they do not work.
    const commands = Object.entries(last?.commands ?? {})
      .filter(([, owner]) => owner === name)
      .map(([path]) => ({
        paths: [path.split(' ')],
        description: '(cannot be loaded)',
        arguments: [],
        options: [],
        result: 'value' as const,
      }));
    const { code, message, hint } = error;
    return {
      name,
      version: '?',
      entry: '',
      permissions: [],
      source,
      failed: { code, message, ...(hint ? { hint } : {}) },
      commands,
      taps: [],
      settings: {},
    };
  }
}

const pathsOf = (commands: readonly { paths: string[][] }[]): string[] =>
  commands.flatMap((command) => command.paths.map((words) => words.join(' ')));

/** Opens the user's plugins. `dist` is the host's build folder. */
export function openPlugins(dist: string, data: string) {
  const dir = pluginsDir(data);

  const firstParty = (): FirstParty => JSON.parse(readFileSync(join(dist, 'first-party.json'), 'utf8')) as FirstParty;

  const inputsOf = (registry: Registry, last?: CommandIndex): IndexInput[] => [
    ...firstParty().inputs,
    ...Object.entries(registry.plugins).map(([name, plugin]) => inputOf(name, plugin, last)),
  ];

  /** Writes the index and help of a registry into a folder named by its content, then moves the pointer. */
  const rebuild = (registry: Registry): CommandIndex => {
    const build = buildId(dist);
    const pointer = readPointer(dir);
    const last = pointer && readIndex(join(dir, 'indexes', pointer.folder, 'index.json'));
    const inputs = inputsOf(registry, last);
    const index = buildIndex(build, inputs);
    const entries: HelpEntry[] = inputs.flatMap(({ name, commands }) =>
      commands.map((command) => ({ plugin: name, command })),
    );
    writeIndex(dir, index, allHelp(entries));
    return index;
  };

  return {
    registry: () => readRegistry(data),
    firstParty,
    rebuild: () => rebuild(readRegistry(data)),
    inputs: () => inputsOf(readRegistry(data)),

    /** Adds or renews linked folders. @throws RigError `RIG_PATH_TAKEN` (5) and what {@link readManifest} throws */
    link(dirs: readonly string[], override: boolean): Manifest[] {
      const registry = readRegistry(data);
      const added: Manifest[] = [];
      for (const folder of dirs) {
        const manifest = readManifest(folder);
        const { name, commands } = manifest;
        const others = inputsOf({
          version: 1,
          plugins: Object.fromEntries(Object.entries(registry.plugins).filter(([other]) => other !== name)),
        });
        if (firstParty().inputs.some((one) => one.name === name))
          throw new RigError({
            code: 'RIG_PLUGIN_NAME_TAKEN',
            message: `a first-party plugin is called "${name}"`,
            hint: 'give the plugin another name in definePlugin({name})',
            exitCode: ExitCode.Conflict,
          });
        const taken = pathsOf(commands).filter((path) => others.some((one) => pathsOf(one.commands).includes(path)));
        const allowed = override ? taken : (registry.plugins[name]?.overrides ?? []);
        const refused = taken.find((path) => !allowed.includes(path));
        if (refused !== undefined) {
          const owner = others.find((one) => pathsOf(one.commands).includes(refused))?.name;
          throw new RigError({
            code: 'RIG_PATH_TAKEN',
            message: `"rig ${refused}" of the plugin "${name}" belongs to the plugin "${owner}"`,
            hint: `take it over on purpose with: rig plugins link ${folder} --override`,
            exitCode: ExitCode.Conflict,
          });
        }
        registry.plugins[name] = { kind: 'link', dir: folder, ...(taken.length > 0 ? { overrides: taken } : {}) };
        added.push(manifest);
      }
      save(data, registry);
      rebuild(registry);
      return added;
    },

    /** Removes linked plugins by name. @throws RigError `RIG_PLUGIN_NOT_FOUND` (3) */
    unlink(names: readonly string[]): void {
      const registry = readRegistry(data);
      for (const name of names) {
        if (!registry.plugins[name])
          throw new RigError({
            code: 'RIG_PLUGIN_NOT_FOUND',
            message: `no plugin "${name}" is linked`,
            hint: 'rig plugins list',
            exitCode: ExitCode.NotFound,
          });
        delete registry.plugins[name];
      }
      save(data, registry);
      rebuild(registry);
    },
  };
}

/** The user's plugins, opened. */
export type Plugins = ReturnType<typeof openPlugins>;

function save(data: string, registry: Registry): void {
  writeFileAtomically(registryFile(data), `${JSON.stringify(registry, null, 2)}\n`);
}
