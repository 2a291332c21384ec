import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import { CONFIG_MAX_BYTES, VALUE_MAX_BYTES } from '@rig/plugin-api/max';
import { type EnvFault, parseEnvFile } from './env-file.ts';

/** Faults of an env file that one error tells. */
const SHOWN_FAULTS = 10;

/** Bytes of an env file at most: all that an app may have, with room for comments and escapes. */
const FILE_MAX_BYTES = 4 * CONFIG_MAX_BYTES;

/** Reads at most `limit` bytes of UTF-8; `undefined` for more. */
async function readText(stream: Readable, limit: number): Promise<{ text?: string; why?: string }> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    size += (piece as Buffer).length;
    if (size > limit) return { why: `it is larger than ${limit} bytes` };
    pieces.push(Buffer.from(piece as Buffer));
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces)) };
  } catch {
    return { why: 'it is not UTF-8' };
  }
}

/**
 * The names and values of an env file; a file with a line that cannot be read gives none.
 *
 * @throws RigError `RIG_ENV_FILE_UNREADABLE`, `RIG_ENV_FILE` (2), which never have a value in them
 */
export async function readEnvFile(services: Services, name: string): Promise<Map<string, string>> {
  const read = await readText(createReadStream(resolve(services.runtime.cwd, name)), FILE_MAX_BYTES).catch(
    (error: NodeJS.ErrnoException) => ({ why: error.code === 'ENOENT' ? 'there is no such file' : error.message }),
  );
  if (!('text' in read) || read.text === undefined)
    throw new RigError({
      code: 'RIG_ENV_FILE_UNREADABLE',
      message: `${name} cannot be read: ${read.why}`,
      hint: 'name a file of lines KEY=VALUE: --from-file .env',
      exitCode: ExitCode.Usage,
    });
  const { values, faults } = parseEnvFile(read.text);
  if (faults.length > 0) throw faulty(name, faults);
  if (values.size > 0) return values;
  throw new RigError({
    code: 'RIG_ENV_FILE',
    message: `${name} sets nothing: it has no line KEY=VALUE`,
    hint: 'write a line for each name: KEY=VALUE',
    exitCode: ExitCode.Usage,
  });
}

function faulty(name: string, faults: readonly EnvFault[]): RigError {
  const shown = faults.slice(0, SHOWN_FAULTS).map(({ line, reason }) => `line ${line} ${reason}`);
  const rest = faults.length - shown.length;
  return new RigError({
    code: 'RIG_ENV_FILE',
    message: `${name} was not used, nothing of it: ${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`,
    hint: `correct ${faults.length === 1 ? 'that line' : 'those lines'}; the form is in docs/env-files.md`,
    exitCode: ExitCode.Usage,
    details: { file: name, faults: faults.slice(0, 100) },
  });
}

/**
 * One value from standard input, without the newline that ends it.
 *
 * @throws RigError `RIG_BAD_VALUE` (2) where it is empty, a terminal, too large or no text
 */
export async function readStdinValue(services: Services, key: string): Promise<string> {
  const bad = (why: string): RigError =>
    new RigError({
      code: 'RIG_BAD_VALUE',
      message: `the value of ${key} cannot be taken from standard input: ${why}`,
      hint: `pipe it in: rig create secret ${key} --value-stdin < FILE`,
      exitCode: ExitCode.Usage,
    });
  const stdin = services.stdin() as Readable & { isTTY?: boolean };
  if (stdin.isTTY) throw bad('it is a terminal');
  const { text, why } = await readText(stdin, VALUE_MAX_BYTES + 2).catch((error: Error) => ({
    text: undefined,
    why: error.message,
  }));
  if (text === undefined) throw bad(why ?? 'it cannot be read');
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw bad('it is empty');
  return value;
}

/**
 * Asks for each value without echo.
 *
 * @throws RigError `RIG_NO_TERMINAL`, `RIG_BAD_VALUE` (2)
 */
export async function askValues(services: Services, keys: readonly string[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const key of keys) {
    const value = await services.prompt.secret(`Value of ${key}`);
    if (value === '')
      throw new RigError({
        code: 'RIG_BAD_VALUE',
        message: `nothing was typed for ${key}; nothing was changed`,
        hint: 'for an empty value write KEY= into a file, and use --from-file',
        exitCode: ExitCode.Usage,
      });
    values.set(key, value);
  }
  return values;
}
