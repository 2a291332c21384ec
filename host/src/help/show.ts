import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import type { Dirs } from '../dirs.ts';
import { leadingWords } from '../dispatch.ts';
import { pluginsDir, readPointer } from '../plugins/index-file.ts';

/** The topics of `rig help TOPIC`. */
export const TOPICS = ['exit-codes', 'environment', 'output', 'names', 'plugins'] as const;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What help is asked for. */
export interface HelpSubject {
  /** The words of a command or group, perhaps followed by arguments; none for rig as a whole. */
  words: string[];
  /** Asked for by `rig help`, where the words may also be a topic. */
  topic: boolean;
}

/** What argv asks help for: by `--help` anywhere, by `rig help`, or by nothing at all; `undefined` where it asks for none. */
export function helpSubject(rest: readonly string[], asked: boolean): HelpSubject | undefined {
  const words = leadingWords(rest);
  if (words[0] === 'help') return { words: words.slice(1), topic: true };
  return asked || rest.length === 0 ? { words, topic: false } : undefined;
}

/** What a help text can be named by: anything else would lead out of the folder of the texts. */
const WORD = /^[a-z][a-z0-9-]*$/;

/** The help text of a subject, or `undefined` where there is none. */
export function helpText(
  host: { dist: string; dirs: Pick<Dirs, 'data'> },
  { words, topic }: HelpSubject,
  firstPartyOnly: boolean,
): string | undefined {
  const [first] = words;
  if (topic && words.length === 1 && first !== undefined && WORD.test(first)) {
    const text = readText(join(host.dist, 'help', 'topics', `${first}.txt`));
    if (text !== undefined) return text;
  }
  const dir = pluginsDir(host.dirs.data);
  const pointer = firstPartyOnly ? undefined : readPointer(dir);
  const folders = [...(pointer ? [join(dir, 'indexes', pointer.folder, 'help')] : []), join(host.dist, 'help')];
  const end = words.findIndex((word) => !WORD.test(word));
  const named = end === -1 ? words : words.slice(0, end);
  // `rig create app shop --help` is about `rig create app`; but help on an unknown word is not help on rig.
  for (let n = named.length; n >= (words.length > 0 ? 1 : 0); n--) {
    const name = named.slice(0, n).join(' ');
    const text = folders
      .map((folder) => readText(join(folder, `${name}.txt`)))
      .find((candidate) => candidate !== undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The error for `rig help WORDS` where there is no help on them. */
export function unknownTopic(words: readonly string[]): RigError {
  return new RigError({
    code: 'RIG_UNKNOWN_TOPIC',
    message: `there is no help on ${JSON.stringify(words.join(' '))}`,
    hint: `topics: ${TOPICS.join(', ')}; commands: rig --help`,
    exitCode: ExitCode.Usage,
  });
}

/** The error for a command whose help text is gone: better than to run what was only asked about. */
export function helpMissing(path: string): RigError {
  return new RigError({
    code: 'RIG_NOT_BUILT',
    message: `the help of "rig ${path}" is missing`,
    hint: 'install rig again, or in its repository: npm run build',
    exitCode: ExitCode.Failed,
  });
}
