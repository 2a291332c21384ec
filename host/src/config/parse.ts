import { basename, extname } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { findJsonFault } from './json-position.ts';

/** The object that a file of settings holds. */
export type FileData = Record<string, unknown>;

/** How a file is written. */
export type FileSyntax = 'json' | 'yaml';

/** The key of rig's settings in a `package.json`. */
export const PACKAGE_KEY = 'rig';

/** A file of settings that cannot be used: what is wrong, where, and what to do. */
export function invalidFile(file: string, why: string, place?: { line: number; column: number }): RigError {
  const where = place ? `${file}:${place.line}:${place.column}` : file;
  return new RigError({
    code: 'RIG_CONFIG_INVALID',
    message: `the settings in ${where} cannot be used: ${why}`,
    hint: place
      ? `correct line ${place.line}, or move the file away: mv ${file} ${file}.broken`
      : `correct it, or move the file away: mv ${file} ${file}.broken`,
    exitCode: ExitCode.Usage,
    details: { file, ...(place ?? {}) },
  });
}

/** Tells whether a file holds its settings under a key of their own. */
export const isPackageJson = (file: string): boolean => basename(file) === 'package.json';

export const isObject = (value: unknown): value is FileData =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;

/**
 * Reads the text of a file of settings: JSON, and YAML where the name ends in `.yaml` or has no ending.
 *
 * @throws RigError `RIG_CONFIG_INVALID` (2) with line and column
 */
export async function parseFile(file: string, text: string): Promise<{ data: FileData; syntax: FileSyntax }> {
  const clean = text.replace(/^\uFEFF/, '');
  const ending = extname(file);
  if (clean.trim() === '') return { data: {}, syntax: ending === '.yaml' ? 'yaml' : 'json' };
  if (ending !== '.yaml') {
    try {
      return { data: settingsIn(file, JSON.parse(clean) as unknown), syntax: 'json' };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // What begins like JSON was meant as JSON: YAML's complaints about it would mislead.
      if (ending !== '' || /^\s*[{[]/.test(clean)) {
        const { message, ...place } = findJsonFault(clean);
        throw invalidFile(file, `it is not valid JSON: ${message}`, place);
      }
    }
  }
  const { readYaml } = await import('#yaml');
  const read = readYaml(clean);
  if ('message' in read) throw invalidFile(file, `it is not valid YAML: ${read.message}`, read);
  return { data: settingsIn(file, read.data ?? {}), syntax: 'yaml' };
}

function settingsIn(file: string, whole: unknown): FileData {
  if (!isObject(whole)) throw invalidFile(file, `it must hold an object of settings, and holds ${kindOf(whole)}`);
  if (!isPackageJson(file)) return whole;
  const section = Object.hasOwn(whole, PACKAGE_KEY) ? whole[PACKAGE_KEY] : {};
  if (!isObject(section))
    throw invalidFile(file, `"${PACKAGE_KEY}" must be an object of settings, and is ${kindOf(section)}`);
  return section;
}
