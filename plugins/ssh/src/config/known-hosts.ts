import { latin } from './latin.ts';

/** The line of a host key under its alias, in a file of known hosts; `undefined` where there is none. */
export function knownKey(text: string, alias: string): string | undefined {
  for (const line of text.split('\n')) if (line.startsWith(`${alias} `)) return line.slice(alias.length + 1).trim();
  return undefined;
}

/** Puts a key there in the place of the one it had; the lines of others stay. */
export function withKey(text: string, alias: string, key: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const line = latin(`${alias} ${key}`);
  const at = lines.findIndex((one) => one.startsWith(`${alias} `));
  if (at === -1) lines.push(line);
  else lines[at] = line;
  return `${lines.join('\n')}\n`;
}

/** Takes the key of an alias out. */
export function withoutKey(text: string, alias: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !line.startsWith(`${alias} `))
    .join('');
}
