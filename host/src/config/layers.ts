import type { Origin } from '@rig/plugin-api';
import { suggest } from '../suggest.ts';
import { type FileData, invalidFile, isObject } from './parse.ts';
import { CONTEXT_SETTINGS, CONTEXTS, isContextName, NEVER_IN_PROJECT, type Setting } from './settings.ts';

/** The raw values of one layer, by key. */
export interface Layer {
  origin: Origin;
  /** The file, if it is one; else each value has a source of its own. */
  file?: string;
  values: Map<string, unknown>;
}

/** Told of a problem in a file that does not stop rig. */
export type Warn = (code: string, text: string) => void;

/**
 * Takes the settings out of a file's data.
 *
 * Unknown keys are warned of, with the one that may have been meant; what a project file must not bring is left out and
 * said once.
 *
 * @throws RigError `RIG_CONFIG_INVALID` (2) where a section is not an object
 */
export function layerOf(
  origin: 'project' | 'user' | 'system',
  file: string,
  data: FileData,
  all: ReadonlyMap<string, Setting>,
  warn: Warn,
): Layer {
  const values = new Map<string, unknown>();
  const refused = new Set<string>();
  const unknown: string[] = [];
  const take = (key: string, value: unknown, setting: Setting): void => {
    if (origin === 'project' && setting.project !== true) refused.add(key);
    else values.set(key, value);
  };
  const sections = new Set(
    [...all.keys()].filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
  );

  for (const [key, value] of Object.entries(data)) {
    const setting = all.get(key);
    if (setting) take(key, value, setting);
    else if (origin === 'project' && NEVER_IN_PROJECT.includes(key)) refused.add(key);
    else if (key === CONTEXTS) readContexts(file, value, values, unknown);
    else if (sections.has(key)) {
      if (!isObject(value))
        throw invalidFile(file, `"${key}" must be an object with the settings of the plugin ${key}`);
      for (const [name, inner] of Object.entries(value)) {
        const known = all.get(`${key}.${name}`);
        if (known) take(known.key, inner, known);
        else unknown.push(`${key}.${name}`);
      }
      // An object under another name may belong to a plugin that is not installed here.
    } else if (!isObject(value) || suggest(key, [CONTEXTS, ...sections]).length > 0) unknown.push(key);
  }

  if (refused.size > 0) {
    const names = [...refused].map((key) => `"${key}"`).join(', ');
    const [first] = refused;
    warn(
      'RIG_CONFIG_IGNORED',
      `${names} in ${file} ${refused.size === 1 ? 'is' : 'are'} ignored: a project file must not decide on it; set it for yourself with: rig config set ${first === CONTEXTS ? 'contexts.NAME.server' : first} VALUE`,
    );
  }
  const candidates = [...all.keys(), CONTEXTS, ...sections];
  for (const key of unknown) {
    const [close] = suggest(key, candidates);
    warn(
      'RIG_CONFIG_UNKNOWN_KEY',
      `${file} sets "${key}", which is no setting${close ? `: did you mean "${close}"?` : '; all there are: rig config list'}`,
    );
  }
  return { origin, file, values };
}

function readContexts(file: string, section: unknown, values: Map<string, unknown>, unknown: string[]): void {
  if (!isObject(section)) throw invalidFile(file, `"${CONTEXTS}" must be an object with a context under each name`);
  for (const [name, context] of Object.entries(section)) {
    if (!isContextName(name))
      throw invalidFile(
        file,
        `${JSON.stringify(name)} cannot name a context: letters, digits, ".", "_" and "-" can, 63 at the most`,
      );
    if (!isObject(context)) throw invalidFile(file, `the context "${name}" must be an object with its "server"`);
    for (const [key, value] of Object.entries(context)) {
      if (CONTEXT_SETTINGS.some((setting) => setting.key === key)) values.set(`${CONTEXTS}.${name}.${key}`, value);
      else unknown.push(`${CONTEXTS}.${name}.${key}`);
    }
  }
}

/** The layer of the environment: an empty variable counts as none. */
export function environmentLayer(
  env: Readonly<Record<string, string | undefined>>,
  all: ReadonlyMap<string, Setting>,
): Layer {
  const values = new Map<string, unknown>();
  for (const setting of all.values()) {
    const value = setting.env === undefined ? undefined : env[setting.env];
    if (value !== undefined && value !== '') values.set(setting.key, value);
  }
  return { origin: 'environment', values };
}

/** The layer of the options that every command takes. */
export function flagLayer(flags: Readonly<Record<string, string | undefined>>): Layer {
  return { origin: 'flag', values: new Map(Object.entries(flags).filter(([, value]) => value !== undefined)) };
}

/** The layer of the values that hold where nobody said anything. */
export function defaultLayer(all: ReadonlyMap<string, Setting>): Layer {
  const values = new Map<string, unknown>();
  for (const setting of all.values()) if (setting.default !== undefined) values.set(setting.key, setting.default);
  return { origin: 'default', values };
}
