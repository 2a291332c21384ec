import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** What a shell prints, and the code that it ends with, where there is nothing to run. */
const SAY = 'printf "%s\\n" "$1" >&2; exit "$2"';

/**
 * A command with its program as a path, so that no shell on the way can take the name for something else; for a program that
 * is not there or may not be run, a command that says so and ends as a shell would.
 */
export function runnable(
  [program = '', ...args]: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): string[] {
  const { PATH: path = '' } = environment;
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(resolve(cwd, folder), program));
  const found = places.find((place) => isFile(place) && isExecutable(place));
  if (found !== undefined) return [found, ...args];
  const [text, code] = places.some(program.includes('/') ? existsSync : isFile)
    ? ['is not executable', '126']
    : ["no such program in PATH or in the app's folder", '127'];
  return ['/bin/sh', '-c', SAY, 'max', `max: ${program}: ${text}`, code as string];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
