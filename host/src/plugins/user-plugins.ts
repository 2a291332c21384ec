import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, isRigError, MANIFEST_FILE, type Manifest, type ManifestCommand, RigError } from '@rig/plugin-api';
import type { LockOwner } from '../lock.ts';
import { buildId } from './build-id.ts';
import { allHelp, type HelpEntry } from './help-text.ts';
import { buildIndex, type CommandIndex, type IndexInput, pluginsDir, readIndex, readPointer } from './index-file.ts';
import { writeIndex } from './index-writer.ts';
import { readManifest, stampOf } from './manifest-file.ts';
import {
  changeRegistry,
  isReadOnly,
  type RegisteredPlugin,
  type Registry,
  readRegistry,
  withRegistry,
} from './registry.ts';
import { pathsOf, settlePaths } from './settle-paths.ts';

/** The plugins of this user, first-party ones included. */
export interface UserPlugins {
  /** The folder that a plugin was linked from, if it was. */
  linkedDir(name: string): string | undefined;
  /** Every plugin as its manifest says now, broken ones with their reason. */
  inputs(): IndexInput[];
  /** Makes index and help anew; where nothing may be written, the index serves this run alone. */
  rebuild(): Promise<CommandIndex>;
  /** Whether an index says something else than registry and manifests do now. */
  isStale(index: CommandIndex): boolean;
  /** Adds or renews linked folders. @throws RigError `RIG_PATH_TAKEN`, `RIG_PLUGIN_NAME_TAKEN` (5), or that of a manifest */
  link(dirs: readonly string[], override: boolean): Promise<Manifest[]>;
  /** Forgets linked plugins. @throws RigError `RIG_PLUGIN_NOT_FOUND` (3) */
  unlink(names: readonly string[]): Promise<void>;
}

/** Opens the user's plugins; `dist` is the build of the host, `data` rig's data folder. */
export function openPlugins(dist: string, data: string, owner: LockOwner): UserPlugins {
  const dir = pluginsDir(data);
  const firstParty = (JSON.parse(readFileSync(join(dist, 'first-party.json'), 'utf8')) as { inputs: IndexInput[] })
    .inputs;

  const lastIndex = (): CommandIndex | undefined => {
    const pointer = readPointer(dir);
    return pointer && readIndex(join(dir, 'indexes', pointer.folder, 'index.json'));
  };
  const inputsOf = (registry: Registry): IndexInput[] => {
    const last = lastIndex();
    return [...firstParty, ...Object.entries(registry.plugins).map(([name, plugin]) => inputOf(name, plugin, last))];
  };
  const settled = (registry: Registry): IndexInput[] =>
    settlePaths(inputsOf(registry), (name) => registry.plugins[name]?.overrides ?? []);
  const plan = (registry: Registry): { index: CommandIndex; write: () => Promise<void> } => {
    const inputs = settled(registry);
    const index = buildIndex(buildId(dist), inputs);
    const entries: HelpEntry[] = inputs.flatMap(({ name, commands }) =>
      commands.map((command) => ({ plugin: name, command })),
    );
    const help = allHelp(entries);
    return { index, write: () => writeIndex(dir, index, help) };
  };
  const change = <T>(work: (registry: Registry) => T): Promise<T> =>
    changeRegistry(data, owner, work, (registry) => plan(registry).write);

  return {
    linkedDir: (name) => readRegistry(data).plugins[name]?.dir,
    inputs: () => settled(readRegistry(data)),
    async rebuild() {
      try {
        return await withRegistry(data, owner, async () => {
          const { index, write } = plan(readRegistry(data));
          await write();
          return index;
        });
      } catch (error) {
        if (isReadOnly(error)) return plan(readRegistry(data)).index;
        throw error;
      }
    },
    isStale(index) {
      const { plugins } = readRegistry(data);
      const linked = Object.entries(index.plugins).filter(([, { source }]) => source !== undefined);
      if (linked.length !== Object.keys(plugins).length) return true;
      return linked.some(([name, { source, failed }]) => {
        const dir = plugins[name]?.dir;
        // What failed is looked at again whenever it is in the way: its manifest need not be what was mended.
        return failed !== undefined || dir !== source?.dir || stampOf(join(dir ?? '', MANIFEST_FILE)) !== source?.stamp;
      });
    },
    link: (dirs, override) => {
      const manifests = dirs.map((folder) => ({ folder, manifest: readManifest(folder) }));
      refuseTwins(manifests);
      return change((registry) => {
        // Read once: linking a hundred plugins must not read a hundred manifests a hundred times.
        const known = inputsOf(registry);
        for (const { folder, manifest } of manifests) {
          add(registry, known, folder, manifest, override);
          known.push({ ...manifest, name: manifest.name });
        }
        return manifests.map(({ manifest }) => manifest);
      });
    },
    unlink: (names) =>
      change((registry) => {
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
      }),
  };
}

/** Two folders of one name in one command line: the first would be linked in vain. */
function refuseTwins(manifests: ReadonlyArray<{ folder: string; manifest: Manifest }>): void {
  const folders = new Map<string, string>();
  for (const { folder, manifest } of manifests) {
    const other = folders.get(manifest.name);
    if (other !== undefined && other !== folder)
      throw nameTaken(`${other} and ${folder} are both called "${manifest.name}"`);
    folders.set(manifest.name, folder);
  }
}

const nameTaken = (message: string): RigError =>
  new RigError({
    code: 'RIG_PLUGIN_NAME_TAKEN',
    message,
    hint: 'give the plugin another name in definePlugin({name}), and write its manifest anew: rig plugins manifest',
    exitCode: ExitCode.Conflict,
  });

function add(
  registry: Registry,
  known: readonly IndexInput[],
  folder: string,
  manifest: Manifest,
  override: boolean,
): void {
  const { name, commands } = manifest;
  if (known.some((one) => one.name === name && !one.source && !registry.plugins[name]))
    throw nameTaken(`the plugin in ${folder} is called "${name}", and so is one of rig's own`);
  const owners = new Map<string, string>();
  for (const one of known) if (one.name !== name) for (const path of pathsOf(one.commands)) owners.set(path, one.name);
  const taken = pathsOf(commands).filter((path) => owners.has(path));
  const allowed = override ? taken : (registry.plugins[name]?.overrides ?? []);
  const refused = taken.find((path) => !allowed.includes(path));
  if (refused !== undefined)
    throw new RigError({
      code: 'RIG_PATH_TAKEN',
      message: `"rig ${refused}" of the plugin "${name}" belongs to the plugin "${owners.get(refused)}"`,
      hint: `take it over on purpose with: rig plugins link ${folder} --override`,
      exitCode: ExitCode.Conflict,
    });
  // The last of two that were both told to take a path over has it.
  if (override) delete registry.plugins[name];
  registry.plugins[name] = { kind: 'link', dir: folder, ...(taken.length > 0 ? { overrides: taken } : {}) };
}

function inputOf(name: string, plugin: RegisteredPlugin, last: CommandIndex | undefined): IndexInput {
  const source = { kind: plugin.kind, dir: plugin.dir, stamp: stampOf(join(plugin.dir, MANIFEST_FILE)) };
  try {
    const { version, entry, permissions, commands, taps, when, settings } = readManifest(plugin.dir);
    const own = { name, version, entry: join(plugin.dir, entry), permissions, source, commands, taps, settings };
    return when === undefined ? own : { ...own, when };
  } catch (error) {
    if (!isRigError(error)) throw error;
    const { code, message, hint } = error;
    // It keeps the paths it had, so that its commands can say why they do not work.
    const commands = Object.entries(last?.commands ?? {})
      .filter(([, owner]) => owner === name)
      .map(
        ([path]): ManifestCommand => ({
          paths: [path.split(' ')],
          description: '(cannot be loaded)',
          arguments: [],
          options: [],
          result: 'value',
        }),
      );
    const failed = { code, message, ...(hint ? { hint } : {}) };
    return { name, version: '?', entry: '', permissions: [], source, failed, commands, taps: [], settings: {} };
  }
}
