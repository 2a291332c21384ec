/** An RFC 1035 label as Max wants it: lower case, a letter first, at most 63 characters. */
export const NAME_PATTERN = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Says what is wrong with the name of a network or an app.
 *
 * @returns `undefined` for a good name, else a reason that completes "the name … " and a valid name close to it
 */
export function checkName(name: string): { reason: string; suggestion: string } | undefined {
  if (NAME_PATTERN.test(name)) return undefined;
  return { reason: reasonOf(name), suggestion: suggest(name) };
}

function reasonOf(name: string): string {
  if (name === '') return 'is empty';
  if (name.length > 63) return `has ${name.length} characters, and 63 are the most`;
  if (/[A-Z]/.test(name)) return 'has upper case letters, and only a-z, 0-9 and "-" are allowed';
  const bad = [...name].find((char) => !/[a-z0-9-]/.test(char));
  if (bad !== undefined) return `has the character ${JSON.stringify(bad)}, and only a-z, 0-9 and "-" are allowed`;
  if (/^[0-9]/.test(name)) return 'begins with a digit, and must begin with a letter';
  if (name.startsWith('-')) return 'begins with "-", and must begin with a letter';
  return 'ends with "-", and must end with a letter or a digit';
}

function suggest(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return plain === '' ? 'app' : plain;
}
