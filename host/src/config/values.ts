import { dirname, resolve } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { normaliseServer } from '../http/server-url.ts';
import type { Setting, SettingValue } from './settings.ts';

/** Where a raw value stands. */
export interface ValueSource {
  /** A file's path, a variable's name or an option: said in messages. */
  source: string;
  /** Folder that a relative path is meant from. */
  base: string;
  /** Texts stand for numbers and booleans too, as in a variable or an argument. */
  text: boolean;
}

/** The source of what `rig config set` is given. */
const COMMAND_LINE = 'the command line';

const bad = (setting: Setting, { source }: ValueSource, must: string, value: unknown): RigError =>
  new RigError({
    code: 'RIG_CONFIG_BAD_VALUE',
    message: `the setting "${setting.key}" from ${source} must be ${must}, and is ${show(value)}`,
    hint:
      source === COMMAND_LINE ? 'what it is for: rig config list' : 'correct it there; what it is for: rig config list',
    exitCode: ExitCode.Usage,
  });

const show = (value: unknown): string => {
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

/**
 * Checks a raw value and gives it in its type.
 *
 * @throws RigError `RIG_CONFIG_BAD_VALUE` or `RIG_BAD_SERVER` (2)
 */
export function readValue(setting: Setting, raw: unknown, from: ValueSource): SettingValue {
  const value = from.text && typeof raw === 'string' ? parseText(setting, raw, from) : raw;
  if (typeof value !== setting.type || (typeof value === 'number' && !Number.isFinite(value)))
    throw bad(setting, from, setting.type === 'boolean' ? 'true or false' : `a ${setting.type}`, value);
  if (setting.choices && !setting.choices.includes(value as string))
    throw bad(setting, from, `one of ${setting.choices.join(', ')}`, value);
  if (value === '') throw bad(setting, from, 'a text that is not empty', value);
  if (setting.form === 'server') return serverOf(setting, value as string, from);
  if (setting.form === 'path') return resolve(from.base, value as string);
  return value as SettingValue;
}

function parseText(setting: Setting, text: string, from: ValueSource): SettingValue {
  if (setting.type === 'number') {
    if (!/^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(text.trim())) throw bad(setting, from, 'a number', text);
    return Number(text);
  }
  if (setting.type === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(text)) return true;
    if (/^(false|0|no|off)$/i.test(text)) return false;
    throw bad(setting, from, 'true or false', text);
  }
  return text;
}

function serverOf(setting: Setting, text: string, { source }: ValueSource): string {
  try {
    return normaliseServer(text);
  } catch (error) {
    const { code, message, hint, exitCode } = error as RigError;
    throw new RigError({ code, message: `${message} (setting "${setting.key}" from ${source})`, hint, exitCode });
  }
}

/** How a value is written down: as given, but with numbers, booleans and relative paths made definite. */
export function storedValue(setting: Setting, raw: SettingValue, cwd: string): SettingValue {
  return readValue(setting, raw, { source: COMMAND_LINE, base: cwd, text: true });
}

/** The folder of a file, for the relative paths in it. */
export const baseOf = (file: string): string => dirname(file);
