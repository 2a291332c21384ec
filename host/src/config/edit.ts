import { type FileData, invalidFile, isObject, isPackageJson, PACKAGE_KEY, parseFile } from './parse.ts';
import type { SettingValue } from './settings.ts';

/** One change: where the value stands, and the value; `undefined` removes it. */
export type Edit = readonly [path: readonly string[], value: SettingValue | undefined];

/**
 * Makes the new text of a file of settings: only the named values change, everything else in it is kept.
 *
 * @throws RigError `RIG_CONFIG_INVALID` where the file cannot be read as what it is: it is left alone then
 */
export async function editFile(file: string, text: string | undefined, edits: readonly Edit[]): Promise<string> {
  const { data, syntax } = await parseFile(file, text ?? '');
  if (edits.every(([path, value]) => valueAt(data, path) === value)) return text ?? render(data, '  ');
  if (syntax === 'yaml') {
    for (const [path] of edits) requireObjects(file, data, path);
    const { editYaml } = await import('#yaml');
    return editYaml(text ?? '', edits);
  }
  const clean = (text ?? '').replace(/^\uFEFF/, '');
  const whole = clean.trim() === '' ? {} : (JSON.parse(clean) as FileData);
  const settings = isPackageJson(file) ? own(whole, PACKAGE_KEY) : whole;
  for (const [path, value] of edits) {
    requireObjects(file, settings, path);
    if (value === undefined) remove(settings, path);
    else set(settings, path, value);
  }
  return render(whole, /^[ \t]+/m.exec(clean)?.[0] ?? '  ');
}

const render = (data: FileData, indent: string): string => `${JSON.stringify(data, null, indent)}\n`;

function valueAt(data: FileData, path: readonly string[]): unknown {
  let current: unknown = data;
  for (const part of path) current = isObject(current) && Object.hasOwn(current, part) ? current[part] : undefined;
  return current;
}

function requireObjects(file: string, data: FileData, path: readonly string[]): void {
  for (let i = 1; i < path.length; i++) {
    const section = valueAt(data, path.slice(0, i));
    if (section !== undefined && !isObject(section))
      throw invalidFile(file, `"${path.slice(0, i).join('.')}" must be an object`);
  }
}

/** The object under a key, made where there is none. */
function own(data: FileData, key: string): FileData {
  const existing = Object.hasOwn(data, key) ? data[key] : undefined;
  if (isObject(existing)) return existing;
  const made: FileData = {};
  // Defined, not assigned: `__proto__` as a key must stay a key.
  Object.defineProperty(data, key, { value: made, enumerable: true, configurable: true, writable: true });
  return made;
}

function set(data: FileData, path: readonly string[], value: SettingValue): void {
  let current = data;
  for (const part of path.slice(0, -1)) current = own(current, part);
  current[path.at(-1) as string] = value;
}

/** Removes a value, and the sections that are empty without it. */
function remove(data: FileData, path: readonly string[]): void {
  const [key, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(data, key)) return;
  const inner = data[key];
  if (rest.length > 0 && isObject(inner)) {
    remove(inner, rest);
    if (Object.keys(inner).length > 0) return;
  }
  delete data[key];
}
