import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Says where one is: `api.shop web.1 $ `, or `shop $ ` in the control plane of a network. */
export function promptOf(env: Readonly<Record<string, string>>): string {
  const { MAX_APP: app, MAX_NETWORK: network, MAX_INSTANCE: instance } = env;
  return app === undefined ? `${network} \\$ ` : `${app}.${network} ${instance} \\$ `;
}

/**
 * The shell of a session and its environment: bash where there is one, else sh. Its prompt is the app's own `PS1` where it has
 * such a variable.
 *
 * @param folder of the session's own: bash reads the prompt there, as what the system sets for all would win over a variable
 */
export function shellProgram(
  env: Readonly<Record<string, string>>,
  folder: string,
): { argv: [string, ...string[]]; env: Record<string, string> } {
  const prompt = env.PS1 ?? promptOf(env);
  const bash = programIn(env.PATH ?? '', 'bash');
  if (bash === undefined) return { argv: ['/bin/sh', '-i'], env: { ...env, PS1: prompt.replaceAll('\\$', '$') } };
  const file = join(folder, 'bashrc');
  const quoted = `'${prompt.replaceAll("'", "'\\''")}'`;
  writeFileSync(file, `PS1=${quoted}\nif [ -r ~/.bashrc ]; then . ~/.bashrc; fi\n`, { mode: 0o600 });
  return { argv: [bash, '--rcfile', file, '-i'], env: { ...env, SHELL: bash } };
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
