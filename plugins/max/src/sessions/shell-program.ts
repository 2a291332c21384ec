import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Says where one is: `api.shop web.1 $ `, or `shop $ ` in the control plane of a network. */
export function promptOf(app: Readonly<Record<string, string>>): string {
  const { MAX_APP: name, MAX_NETWORK: network, MAX_INSTANCE: instance } = app;
  return name === undefined ? `${network} \\$ ` : `${name}.${network} ${instance} \\$ `;
}

/**
 * The shell of a session and its environment: bash where there is one, else sh. Its prompt is the app's own `PS1` where it has
 * such a variable.
 *
 * @param folder of the session's own: bash reads the prompt there, as what the system sets for all would win over a variable
 */
export function shellProgram(
  given: Readonly<Record<string, string>>,
  folder: string,
): { argv: [string, ...string[]]; env: Record<string, string> } {
  const prompt = given.PS1 ?? promptOf(given);
  const bash = programIn(given.PATH ?? '', 'bash');
  if (bash === undefined) return { argv: ['/bin/sh', '-i'], env: { ...given, PS1: prompt.replaceAll('\\$', '$') } };
  const file = join(folder, 'bashrc');
  const quoted = `'${prompt.replaceAll("'", "'\\''")}'`;
  writeFileSync(file, `PS1=${quoted}\nif [ -r ~/.bashrc ]; then . ~/.bashrc; fi\n`, { mode: 0o600 });
  return { argv: [bash, '--rcfile', file, '-i'], env: { ...given, SHELL: bash } };
}

function programIn(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
