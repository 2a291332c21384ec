/** Characters with a meaning in an ignore pattern, to be taken literally in a folder's name. */
const SPECIAL = /[\\*?[\]!#]/g;

/** Takes off the white space at the end that git ignores: all but what a backslash protects. */
function trimEnd(line: string): string {
  let text = line.replace(/\r$/, '');
  while (/[ \t]$/.test(text) && !/\\[ \t]$/.test(text)) text = text.slice(0, -1);
  return text;
}

/**
 * Rewrites the patterns of an ignore file that lies in a subfolder so that they mean the same from the root.
 *
 * One list of patterns for the whole chain of folders lets the last match win across files, as git does it.
 *
 * @param folder the subfolder, relative with `/`; '' for the root
 */
export function prefixRules(text: string, folder: string): string[] {
  const prefix = folder === '' ? '' : `/${folder.replace(SPECIAL, '\\$&')}`;
  const rules: string[] = [];
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    const line = trimEnd(raw);
    if (line === '' || line.startsWith('#')) continue;
    const negated = line.startsWith('!');
    const pattern = negated ? line.slice(1) : line;
    if (pattern === '' || pattern === '/') continue;
    if (prefix === '') {
      rules.push(line);
      continue;
    }
    // A backslash that protects the first character protects nothing once the prefix stands before it.
    const body = pattern.replace(/^\\(?=[!#])/, '');
    const anchored = body.slice(0, -1).includes('/');
    rules.push(`${negated ? '!' : ''}${prefix}/${anchored ? body.replace(/^\//, '') : `**/${body}`}`);
  }
  return rules;
}
