import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, ExitCode, type Origin, RigError } from '@rig/plugin-api';
import type { Dirs } from '../dirs.ts';
import type { Io } from '../io.ts';
import type { LockOwner } from '../lock.ts';
import type { Edit } from './edit.ts';
import { defaultLayer, environmentLayer, flagLayer, type Layer, layerOf, type Warn } from './layers.ts';
import { chooseApp, chooseNetwork } from './names.ts';
import { invalidFile, parseFile } from './parse.ts';
import { findProject, projectFileIn } from './project.ts';
import {
  allSettings,
  CONTEXTS,
  isContextName,
  type PluginSettings,
  pathOf,
  type Setting,
  type SettingValue,
  settingOf,
} from './settings.ts';
import { createTargets } from './target.ts';
import { readValue, storedValue } from './values.ts';

export type { PluginSettings, Setting, SettingValue } from './settings.ts';

/** What the configuration is made of. */
export interface ConfigOptions {
  io: Pick<Io, 'env' | 'cwd' | 'home' | 'platform' | 'uid' | 'pid' | 'isAlive'>;
  dirs: Pick<Dirs, 'config'>;
  /** Global options by the key of their setting, e.g. `{context: 'local'}`. */
  flags: Readonly<Record<string, string | undefined>>;
  pluginSettings: PluginSettings;
  warn: Warn;
}

/** One setting with its value, for `rig config list`. */
export interface SettingRow {
  key: string;
  /** `null` where no layer has a value, or the one it has is wrong (then there is a warning). */
  value: SettingValue | null;
  layer: Origin | null;
  /** The file, variable or option. */
  source: string | null;
  description: string;
}

/** The configuration as rig's own commands use it. */
export interface HostConfig extends Config {
  /** The user's file, there or not. */
  readonly userFile: string;
  /** The project file, if there is one. */
  readonly projectFile: string | undefined;
  /** The definition of a key. @throws RigError `RIG_CONFIG_UNKNOWN_KEY` (2) */
  describe(key: string): Setting;
  /** Every setting and context that there is. */
  list(): SettingRow[];
  /** Writes many settings of the user's file at once; `undefined` removes one. */
  setMany(values: Readonly<Record<string, SettingValue | undefined>>): Promise<void>;
  /** Removes a setting or a whole context (`contexts.NAME`) from the user's file; tells whether it was there. */
  unset(key: string): Promise<boolean>;
}

/** Reads every layer of configuration. @throws RigError `RIG_CONFIG_INVALID` (2) */
export async function createConfig(options: ConfigOptions): Promise<HostConfig> {
  const { io, dirs, flags, pluginSettings, warn } = options;
  const all = allSettings(pluginSettings);
  const userFile = join(dirs.config, 'config.json');
  const read = async (origin: 'user' | 'system', file: string): Promise<Layer> => {
    const text = readSettings(file);
    return layerOf(origin, file, text === undefined ? {} : (await parseFile(file, text)).data, all, warn);
  };
  const [project, user, system] = await Promise.all([
    findProject(io, (file, why) => warn('RIG_CONFIG_IGNORED', `${file} is ignored: ${why}`)),
    read('user', userFile),
    readSystem(io, (file) => read('system', file)),
  ]);
  const projectDir = project ? resolve(project.file, '..') : undefined;
  const layers: Layer[] = [
    flagLayer(flags),
    environmentLayer(io.env, all),
    ...(project ? [layerOf('project', project.file, project.data, all, warn)] : []),
    user,
    ...(system ? [system] : []),
    defaultLayer(all),
  ];

  const sourceOf = (layer: Layer, key: string): string => {
    if (layer.origin === 'flag') return `--${key}`;
    if (layer.origin === 'environment') return all.get(key)?.env ?? key;
    return layer.file ?? 'default';
  };
  const find = (key: string): { layer: Layer; rank: number; source: string } | undefined => {
    const rank = layers.findIndex(({ values }) => values.has(key));
    const layer = layers[rank];
    return layer && { layer, rank, source: sourceOf(layer, key) };
  };
  const valueIn = (setting: Setting, layer: Layer): SettingValue =>
    readValue(setting, layer.values.get(setting.key), {
      source: sourceOf(layer, setting.key),
      base: layer.file ? resolve(layer.file, '..') : io.cwd,
      text: layer.origin === 'flag' || layer.origin === 'environment',
    });
  const get = (key: string): SettingValue | undefined => {
    const setting = settingOf(key, all);
    const found = find(key);
    return found && valueIn(setting, found.layer);
  };
  const targets = createTargets({ layers, get, find, home: io.home });

  const write = async (
    file: string,
    mode: number | undefined,
    values: Readonly<Record<string, SettingValue | undefined>>,
  ): Promise<void> => {
    const edits = Object.entries(values).map(([key, value]) => {
      const setting = settingOf(key, all);
      return [pathOf(key), value === undefined ? undefined : storedValue(setting, value, io.cwd)] as const;
    });
    await change(file, mode, edits, { io });
  };
  const reload = async (): Promise<void> => {
    user.values = (await read('user', userFile)).values;
  };
  const setMany: HostConfig['setMany'] = async (values) => {
    await write(userFile, 0o600, values);
    await reload();
  };

  return {
    userFile,
    projectFile: project?.file,
    projectDir,
    at(dir) {
      const cwd = resolve(io.cwd, dir);
      // What is wrong in the user's and the system's file was said once.
      const once: typeof warn = (code, text) => {
        if (!text.includes(userFile) && !(system?.file && text.includes(system.file))) warn(code, text);
      };
      // A view of `io`, not a copy: copying would open its streams.
      return createConfig({ ...options, io: Object.create(io, { cwd: { value: cwd } }), warn: once });
    },
    get: get as Config['get'],
    origin(key) {
      settingOf(key, all);
      const found = find(key);
      return found && { layer: found.layer.origin, source: found.source };
    },
    target: targets.target,
    app: ({ app, network, argument } = {}) => chooseApp(targets.named(app, network, argument)),
    network: (option) => chooseNetwork(targets.named(undefined, option).networks),
    describe: (key) => settingOf(key, all),
    list() {
      const inFiles = new Set(layers.flatMap(({ values }) => [...values.keys()]));
      const contexts = [...inFiles].filter((key) => key.startsWith(`${CONTEXTS}.`)).sort();
      return [...all.keys(), ...contexts].map((key) => {
        const setting = settingOf(key, all);
        const found = find(key);
        let value: SettingValue | null = null;
        try {
          if (found) value = valueIn(setting, found.layer);
        } catch (error) {
          // The list is where one looks to mend it, so it goes on.
          warn((error as RigError).code, (error as RigError).message);
        }
        return {
          key,
          value,
          layer: found?.layer.origin ?? null,
          source: found?.source ?? null,
          description: setting.description,
        };
      });
    },
    set: (key, value) => setMany({ [key]: value }),
    setMany,
    async unset(key) {
      const context = /^contexts\.(.+)$/.exec(key)?.[1];
      const whole =
        context !== undefined &&
        isContextName(context) &&
        [...user.values.keys()].some((one) => isPartOf(one, context));
      if (!whole) settingOf(key, all);
      const there = user.values.has(key) || whole;
      const path = whole && !user.values.has(key) ? [CONTEXTS, context as string] : pathOf(key);
      await change(userFile, 0o600, [[path, undefined]], { io });
      await reload();
      return there;
    },
    async writeProject(dir, values) {
      const folder = resolve(io.cwd, dir);
      for (const key of Object.keys(values)) {
        if (settingOf(key, all).project) continue;
        throw new RigError({
          code: 'RIG_CONFIG_NOT_IN_PROJECT',
          message: `a project file must not decide on "${key}"`,
          hint: `set it for yourself: rig config set ${key} VALUE`,
          exitCode: ExitCode.Usage,
        });
      }
      const file = projectFileIn(folder);
      await write(file, undefined, values);
      return file;
    },
  };
}

/** Whether a key is one of a context's own. */
const isPartOf = (key: string, context: string): boolean =>
  key.startsWith(`${CONTEXTS}.${context}.`) && !key.slice(CONTEXTS.length + context.length + 2).includes('.');

/** Loaded on the first write alone: reading settings is on the way of every command. */
async function change(file: string, mode: number | undefined, edits: readonly Edit[], owner: LockOwner): Promise<void> {
  const [{ updateFile }, { editFile }] = await Promise.all([import('./write.ts'), import('./edit.ts')]);
  await updateFile(file, { mode }, owner, (text) => editFile(file, text, edits));
}

// Synchronous: two small files are read faster than the promises of node:fs are loaded.
function readSettings(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) throw invalidFile(file, 'it is not a file');
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (error instanceof RigError) throw error;
    throw invalidFile(file, `it cannot be read (${code ?? (error as Error).message})`);
  }
}

/** The first system file that is there: of `XDG_CONFIG_DIRS`, then `/etc`; on Windows in `ProgramData`. */
async function readSystem(io: ConfigOptions['io'], read: (file: string) => Promise<Layer>): Promise<Layer | undefined> {
  const dirs =
    io.platform === 'win32'
      ? [io.env.ProgramData ?? 'C:\\ProgramData']
      : [...(io.env.XDG_CONFIG_DIRS ?? '').split(':').filter((dir) => dir.startsWith('/')), '/etc'];
  const file = dirs.map((dir) => join(dir, 'rig', 'config.json')).find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : read(file);
}
