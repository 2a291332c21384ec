import { ExitCode, RigError } from '@rig/plugin-api';
import type { CommandIndex } from './plugins/index-file.ts';
import { suggest } from './suggest.ts';

/** What the words of argv mean. */
export type Route =
  | {
      kind: 'command';
      plugin: string /** The longest path that fits. */;
      path: string /** All that fit. */;
      paths: string[];
    }
  | { kind: 'group'; path: string; members: string[] }
  | { kind: 'unknown'; typed: string; suggestions: string[] };

/** The words before the first option: the only ones that can name a command. */
export function leadingWords(rest: readonly string[]): string[] {
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  return end === -1 ? [...rest] : rest.slice(0, end);
}

/** Finds which plugin owns the words. */
export function route(index: CommandIndex, rest: readonly string[]): Route {
  const words = leadingWords(rest);
  const paths: string[] = [];
  for (let n = words.length; n > 0; n--) {
    const path = words.slice(0, n).join(' ');
    if (index.commands[path] !== undefined) paths.push(path);
  }
  const [longest] = paths;
  if (longest !== undefined) {
    const plugin = index.commands[longest] as string;
    return { kind: 'command', plugin, path: longest, paths: paths.filter((path) => index.commands[path] === plugin) };
  }
  const below = (group: string): string[] => Object.keys(index.commands).filter((path) => path.startsWith(`${group} `));
  const members = below(words.join(' '));
  if (members.length > 0) return { kind: 'group', path: words.join(' '), members };
  return {
    kind: 'unknown',
    typed: words.slice(0, 2).join(' ') || (rest[0] ?? ''),
    suggestions: suggestPaths(index, words, below(words[0] ?? '')),
  };
}

function suggestPaths(index: CommandIndex, words: readonly string[], group: readonly string[]): string[] {
  const all = Object.keys(index.commands);
  const [first = '', second] = words;
  if (second === undefined) return suggest(first, new Set(all.map((path) => path.split(' ')[0] as string)));
  const typed = `${first} ${second}`;
  const close = suggest(typed, all);
  if (close.length > 0) return close;
  // The verb may be right and the noun only shortened, or the two in the other order.
  const swapped = all.filter((path) => path === `${second} ${first}`);
  return swapped.length > 0 ? swapped : group.slice(0, 3);
}

/** The error for words that no plugin owns. */
export function unknownCommand(found: Extract<Route, { kind: 'unknown' }>): RigError {
  const option = found.typed.startsWith('-');
  return new RigError({
    code: option ? 'RIG_USAGE' : 'RIG_UNKNOWN_COMMAND',
    message: option
      ? `the command must come before its options, and ${JSON.stringify(found.typed)} comes first`
      : `there is no command ${JSON.stringify(`rig ${found.typed}`)}`,
    hint:
      found.suggestions.length > 0
        ? `did you mean: ${found.suggestions.map((path) => `rig ${path}`).join(', ')}`
        : 'rig --help lists them all',
    exitCode: ExitCode.Usage,
  });
}

/** The error for a group without a verb or noun: it lists the group. */
export function incompleteCommand(index: CommandIndex, found: Extract<Route, { kind: 'group' }>): RigError {
  const width = Math.max(...found.members.map((path) => path.length));
  return new RigError({
    code: 'RIG_INCOMPLETE_COMMAND',
    message: `"rig ${found.path}" is a group of commands, and needs one more word`,
    lines: found.members.sort().map((path) => `rig ${path.padEnd(width)}  ${index.summaries[path] ?? ''}`.trimEnd()),
    hint: `rig ${found.path} --help`,
    exitCode: ExitCode.Usage,
  });
}
