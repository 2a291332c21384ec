import type { Config } from '@rig/plugin-api';
import { answers } from './daemon.ts';

/** The context that stands for the Max on this machine. */
export const LOCAL = 'local';

/**
 * Lets the context `local` lead to a Max: where there is no such context it is made, and one that led to the same Max on
 * its earlier port, or to one of this machine that is no more, follows it. It becomes the current one only where there is none.
 *
 * @param before where a Max on the same folder was last
 * @returns what to tell the user, if anything
 */
export async function rememberContext(
  config: Config,
  url: string,
  before: string | undefined,
): Promise<string | undefined> {
  const key = `contexts.${LOCAL}.server`;
  const known = config.get(key);
  // Nothing answers there: a Max of this machine that was reset or removed.
  const gone = typeof known === 'string' && known !== url && isThisMachine(known) && !(await answers(known));
  if (known === undefined || known === before || gone) {
    if (known !== url) await config.set(key, url);
  } else if (known !== url) {
    return `the context ${LOCAL} leads to ${known} and was left alone; to use this Max: rig config set ${key} ${url}`;
  }
  if (config.get('context') !== undefined) return undefined;
  await config.set('context', LOCAL);
  return `the context ${LOCAL} is current now`;
}

const isThisMachine = (server: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(server);
