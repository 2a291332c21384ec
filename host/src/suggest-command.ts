import type { CommandIndex } from './plugins/index-file.ts';
import { suggest } from './suggest.ts';

/** More than that is no suggestion: then the help of the group says more. */
const MOST = 5;

/** What other command lines call it. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['add', 'create'],
  ['new', 'create'],
  ['ls', 'list'],
  ['rm', 'delete'],
  ['remove', 'delete'],
  ['destroy', 'delete'],
  ['show', 'details'],
  ['info', 'details'],
  ['describe', 'details'],
  ['ps', 'status'],
  ['tail', 'logs'],
  ['push', 'deploy'],
  ['publish', 'deploy'],
  ['launch', 'deploy'],
  ['signin', 'login'],
  ['auth', 'login'],
  ['signout', 'logout'],
]);

/** The commands that may have been meant by words that no plugin owns, likeliest first. */
export function suggestCommands(index: CommandIndex, words: readonly string[]): string[] {
  const all = Object.keys(index.commands);
  const [first = '', second] = words;
  const firsts = new Set(all.map((path) => path.split(' ')[0] as string));
  if (second === undefined) return suggestOne(first, all, firsts);
  const group = all.filter((path) => path.startsWith(`${first} `));
  // The first word is right: only the second one may be mistyped.
  if (group.length > 0) {
    const close = suggest(
      second,
      group.map((path) => path.split(' ')[1] as string),
    );
    const meant = group.filter((path) => close.includes(path.split(' ')[1] as string));
    return meant.length > 0 || group.length > MOST ? meant : group.sort();
  }
  const verb = ELSEWHERE.get(first);
  const close = suggest(`${verb ?? first} ${second}`, all);
  if (close.length > 0) return close;
  const swapped = all.filter((path) => path === `${second} ${first}`);
  if (swapped.length > 0) return swapped;
  return verb !== undefined && firsts.has(verb) ? [verb] : suggest(first, firsts);
}

function suggestOne(word: string, all: readonly string[], firsts: ReadonlySet<string>): string[] {
  const elsewhere = ELSEWHERE.get(word);
  if (elsewhere !== undefined && firsts.has(elsewhere)) return [elsewhere];
  // A noun without its verb: apps, token.
  const nouns = all.filter((path) => path.endsWith(` ${word}`)).sort();
  return nouns.length > 0 ? nouns.slice(0, MOST) : suggest(word, firsts);
}
