import { isCollection, parseDocument, stringify, YAMLParseError } from 'yaml';
import { escapeJson, hasUnsafe } from './json-escapes.ts';

/** What reading YAML gave: the data, or the first error and where it is. */
export type YamlResult = { data: unknown } | { message: string; line: number; column: number };

/** Reads one YAML document; tags of other types than JSON's and piles of aliases are refused. */
export function readYaml(text: string): YamlResult {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'silent' });
  const error = document.errors[0] ?? document.warnings[0];
  if (error) {
    const [start] = error.linePos ?? [];
    return { message: firstLine(error), line: start?.line ?? 1, column: start?.col ?? 1 };
  }
  try {
    return { data: document.toJS({ maxAliasCount: 100 }) };
  } catch (thrown) {
    return { message: firstLine(thrown), line: 1, column: 1 };
  }
}

const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const first = message.split('\n')[0] ?? message;
  return error instanceof YAMLParseError ? first.replace(/ at line \d+, column \d+:?$/, '') : first;
};

/** Sets (or, with `undefined`, removes) values by path in a YAML text that is free of errors, keeping its comments. */
export function editYaml(
  text: string,
  edits: ReadonlyArray<readonly [path: readonly string[], value: unknown]>,
): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (!isCollection(document.contents)) document.contents = document.createNode({}) as never;
  for (const [path, value] of edits)
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}

/** One YAML document of a JSON-plain value, safe to show on a terminal. */
export function writeYaml(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  const options = { lineWidth: 0, aliasDuplicateObjects: false } as const;
  const plain: unknown = JSON.parse(json);
  if (!hasUnsafe(json)) return stringify(plain, options);
  // Only double quotes can carry an escaped character.
  const quoted = { ...options, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' } as const;
  return escapeJson(stringify(plain, quoted));
}
