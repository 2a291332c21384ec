import { ExitCode, RigError, type SettingDefinition } from '@rig/plugin-api';
import { FORMATS } from '../globals.ts';
import { suggest } from '../suggest.ts';

/** The value of a setting. */
export type SettingValue = string | number | boolean;

/** One setting: what it is, and where it may come from. */
export interface Setting extends SettingDefinition {
  key: string;
  /** The variable that sets it, or `undefined`. */
  env: string | undefined;
  /** Values that it may have, if not any. */
  choices?: readonly string[];
  /** A value that needs more than a type: a server's URL, a file's path. */
  form?: 'server' | 'path';
}

/** The settings of each plugin, from the index. */
export type PluginSettings = Readonly<Record<string, Readonly<Record<string, SettingDefinition>>>>;

/** rig's own settings; the table in docs/configuration.md is the same. */
export const HOST_SETTINGS: readonly Setting[] = [
  {
    key: 'context',
    type: 'string',
    env: 'RIG_CONTEXT',
    project: true,
    description: 'Name of the context to use: a server and who you are there',
  },
  {
    key: 'server',
    type: 'string',
    env: 'RIG_SERVER',
    form: 'server',
    description: 'URL of the server, instead of a context',
  },
  { key: 'app', type: 'string', env: 'RIG_APP', project: true, description: 'The app, as APP or APP.NETWORK' },
  { key: 'network', type: 'string', env: 'RIG_NETWORK', project: true, description: 'The network' },
  {
    key: 'output',
    type: 'string',
    env: 'RIG_OUTPUT',
    choices: FORMATS,
    default: 'table',
    description: 'Form of the output where -o is not given',
  },
  {
    key: 'color',
    type: 'string',
    env: 'RIG_COLOR',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    description: 'When to colour; auto asks NO_COLOR, FORCE_COLOR and the terminal',
  },
  {
    key: 'ca-file',
    type: 'string',
    env: 'RIG_CA_FILE',
    form: 'path',
    description: 'PEM file with further certificate authorities to trust',
  },
];

/** The settings of one context, each `contexts.NAME.…`. */
export const CONTEXT_SETTINGS: readonly Setting[] = [
  { key: 'server', type: 'string', env: undefined, form: 'server', description: 'URL of its server' },
  { key: 'network', type: 'string', env: undefined, description: 'Network that is meant where none is named' },
  { key: 'subject', type: 'string', env: undefined, description: 'Who is signed in there; written by rig login' },
];

/** The section of the contexts in a file. */
export const CONTEXTS = 'contexts';
/** Sections and settings that a project file must never bring, whether this rig knows them or not. */
export const NEVER_IN_PROJECT: readonly string[] = [CONTEXTS, 'server', 'ca-file', 'proxy', 'registry'];

const CONTEXT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const CONTEXT_KEY = /^contexts\.(.+)\.([a-z-]+)$/;

/** Tells whether a text can name a context. */
export function isContextName(name: string): boolean {
  return CONTEXT_NAME.test(name);
}

/** All settings that there are: rig's own and those of plugins; a plugin cannot take a name of rig's. */
export function allSettings(plugins: PluginSettings): Map<string, Setting> {
  const all = new Map<string, Setting>(HOST_SETTINGS.map((setting) => [setting.key, setting]));
  const taken = new Set(HOST_SETTINGS.map((setting) => setting.env));
  for (const [plugin, settings] of Object.entries(plugins)) {
    if (plugin === CONTEXTS || all.has(plugin)) continue;
    for (const [name, definition] of Object.entries(settings)) {
      const key = `${plugin}.${name}`;
      const env = `RIG_${key.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
      all.set(key, { ...definition, key, env: taken.has(env) ? undefined : env });
    }
  }
  return all;
}

/**
 * Finds the definition of a key, `contexts.NAME.…` included.
 *
 * @throws RigError `RIG_CONFIG_UNKNOWN_KEY` (2), with the key that may have been meant
 */
export function settingOf(key: string, all: ReadonlyMap<string, Setting>): Setting {
  const known = all.get(key);
  if (known) return known;
  const [, name, part] = CONTEXT_KEY.exec(key) ?? [];
  const inContext = CONTEXT_SETTINGS.find((setting) => setting.key === part);
  if (name !== undefined && inContext && isContextName(name)) return { ...inContext, key };
  const candidates = [
    ...all.keys(),
    ...(name === undefined ? [] : CONTEXT_SETTINGS.map((one) => `${CONTEXTS}.${name}.${one.key}`)),
  ];
  const [close] = suggest(key, candidates);
  const [section = ''] = key.split('.');
  const foreign =
    key.includes('.') && section !== CONTEXTS && ![...all.keys()].some((one) => one.startsWith(`${section}.`));
  throw new RigError({
    code: 'RIG_CONFIG_UNKNOWN_KEY',
    message: `there is no setting ${JSON.stringify(key)}`,
    hint: close
      ? `did you mean ${close}? All are in: rig config list`
      : foreign
        ? `"${section}" is no plugin with settings; all there are: rig config list`
        : 'all there are: rig config list',
    exitCode: ExitCode.Usage,
  });
}

/** Where a setting stands in a file. */
export function pathOf(key: string): [string, ...string[]] {
  const [, name, part] = CONTEXT_KEY.exec(key) ?? [];
  if (name !== undefined && part !== undefined) return [CONTEXTS, name, part];
  const dot = key.indexOf('.');
  return dot === -1 ? [key] : [key.slice(0, dot), key.slice(dot + 1)];
}
