import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, RigError } from '@rig/plugin-api';
import { leadingWords } from '../dispatch.ts';
import type { Host } from '../host.ts';
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

/**
 * The help text that argv asks for, by `--help` anywhere or by `rig help`; `undefined` where it asks for none.
 * @throws RigError `RIG_UNKNOWN_TOPIC` (2)
 */
export function helpFor(
  host: Pick<Host, 'dist' | 'dirs'>,
  rest: readonly string[],
  asked: boolean,
): string | undefined {
  const words = leadingWords(rest);
  const topic = words[0] === 'help' ? words.slice(1) : undefined;
  if (!asked && !topic && rest.length > 0) return undefined;
  const dir = pluginsDir(host.dirs.data);
  const pointer = readPointer(dir);
  const folders = [...(pointer ? [join(dir, 'indexes', pointer.folder, 'help')] : []), join(host.dist, 'help')];
  const read = (name: string): string | undefined =>
    folders.map((folder) => readText(join(folder, `${name}.txt`))).find((text) => text !== undefined);

  if (topic?.length === 1) {
    const text = readText(join(host.dist, 'help', 'topics', `${topic[0]}.txt`));
    if (text !== undefined) return text;
  }
  const wanted = topic ?? words;
  // `rig create app shop --help` is about `rig create app`.
  for (let n = wanted.length; n >= (wanted.length > 0 ? 1 : 0); n--) {
    const text = read(wanted.slice(0, n).join(' '));
    if (text !== undefined) return text;
  }
  if (!topic) return undefined;
  throw new RigError({
    code: 'RIG_UNKNOWN_TOPIC',
    message: `there is no help on ${JSON.stringify(wanted.join(' '))}`,
    hint: `topics: ${TOPICS.join(', ')}; commands: rig --help`,
    exitCode: ExitCode.Usage,
  });
}
