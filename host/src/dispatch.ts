import { ExitCode, RigError } from '@rig/plugin-api';
import type { CommandIndex } from './plugins/index-file.ts';
import { suggest } from './suggest.ts';
import { suggestCommands } from './suggest-command.ts';

/** What the words of argv mean. */
export type Route =
  | {
      kind: 'command';
      plugin: string /** The longest path that fits. */;
      path: string /** All that fit. */;
      paths: string[];
    }
  | { kind: 'group'; path: string; members: string[] }
  | {
      kind: 'unknown';
      typed: string;
      suggestions: string[] /** The first word, where it is that of a group. */;
      group?: string;
    };

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
    suggestions: suggestCommands(index, words),
    ...(below(words[0] ?? '').length > 0 ? { group: words[0] as string } : {}),
  };
}

/** The error for words that no plugin owns. */
export function unknownCommand(found: Extract<Route, { kind: 'unknown' }>): RigError {
  const { typed, suggestions, group } = found;
  if (typed.startsWith('-')) return optionFirst(typed);
  const all = group === undefined ? 'rig --help lists them all' : `rig ${group} --help lists what there is`;
  return new RigError({
    code: 'RIG_UNKNOWN_COMMAND',
    message: `there is no command ${JSON.stringify(`rig ${typed}`)}`,
    hint:
      typed === 'version'
        ? 'rig --version'
        : suggestions.length > 0
          ? `did you mean: ${suggestions.map((path) => `rig ${path}`).join(', ')}`
          : all,
    exitCode: ExitCode.Usage,
  });
}

function optionFirst(typed: string): RigError {
  const [close] = suggest(typed, ['--version', '-V', '--help']);
  return new RigError({
    code: 'RIG_USAGE',
    message: `the command must come before its options, and ${JSON.stringify(typed)} comes first`,
    hint: close === undefined ? 'rig COMMAND [OPTIONS]; rig --help lists the commands' : `did you mean: rig ${close}`,
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
