import type { Config } from '@rig/plugin-api';
import { isLoopback, normaliseServer } from '../http/server-url.ts';

function nameOf(server: string): string {
  if (isLoopback(server)) return 'local';
  const { hostname, port } = new URL(server);
  // Dots part the words of a setting's key.
  const words = `${hostname}${port === '' ? '' : `-${port}`}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-+|-+$/g, '').replace(/^(?=\d)/, 'max-');
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
 * current one if it has this server, `local` on this machine, else the host's name. A context of another server is never changed
 * unless it was named.
 */
export function contextFor(config: Config, server: string): { name: string; exists: boolean } {
  const current = config.get('context');
  const serverOf = (name: string): string | undefined => config.get(`contexts.${name}.server`);
  if (current !== undefined) {
    const layer = config.origin('context')?.layer;
    const existing = serverOf(current);
    if (layer === 'flag' || isSame(existing, server)) return { name: current, exists: existing !== undefined };
  }
  const base = nameOf(server);
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`;
    const existing = serverOf(name);
    if (existing === undefined) return { name, exists: false };
    if (isSame(existing, server)) return { name, exists: true };
  }
}
