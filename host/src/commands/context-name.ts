import { type Config, ExitCode, RigError } from '@rig/plugin-api';
import { isContextName } from '../config/settings.ts';
import { isLoopback, normaliseServer } from '../http/server-url.ts';

function nameOf(server: string): string {
  if (isLoopback(server)) return 'local';
  const { hostname, port } = new URL(server);
  const name = `${hostname}${port === '' ? '' : `-${port}`}`.replace(/[^a-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '');
  return name.slice(0, 55);
}

function isSame(configured: string | undefined, server: string): boolean {
  try {
    return configured !== undefined && normaliseServer(configured) === server;
  } catch {
    return false;
  }
}

/**
 * Finds the context that a sign-in at a server belongs to, or a free name for a new one: the named one (`--context`), the
 * current one if it has this server, `local` on this machine, else the host's name. A context of another server is never
 * changed unless it was named.
 *
 * @throws RigError `RIG_BAD_CONTEXT_NAME` (2)
 */
export function contextFor(config: Config, server: string): string {
  const current = config.get('context');
  const serverOf = (name: string): string | undefined =>
    isContextName(name) ? config.get(`contexts.${name}.server`) : undefined;
  if (current !== undefined) {
    if (config.origin('context')?.layer === 'flag') return checked(current);
    if (isSame(serverOf(current), server)) return current;
  }
  const base = nameOf(server);
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`;
    const existing = serverOf(name);
    if (existing === undefined || isSame(existing, server)) return name;
  }
}

function checked(name: string): string {
  if (isContextName(name)) return name;
  throw new RigError({
    code: 'RIG_BAD_CONTEXT_NAME',
    message: `${JSON.stringify(name)} cannot name a context: it has letters, digits, ".", "_" and "-", at most 63, and begins with a letter or a digit`,
    hint: 'name it otherwise, or leave out --context: then the context is named after the server',
    exitCode: ExitCode.Usage,
  });
}
