import type { Config } from '@rig/plugin-api';
import { answers } from './daemon.ts';

/** The context that stands for the Max on this machine. */
export const LOCAL = 'local';

/** Whether the context `local` leads to a Max, and what to tell the user of it, if anything. */
export interface LocalContext {
  leadsHere: boolean;
  told?: string;
}

/**
 * Lets the context `local` lead to a Max: where there is no such context it is made, and one that led to the same Max on
 * its earlier port, or to one of this machine that is no more, follows it. It becomes the current one only where there is none.
 *
 * @param before where a Max on the same folder was last
 * @param usual where the Max of this user's own folder was last, if that is another one: it is not gone while it is down
 */
export async function rememberContext(
  config: Config,
  url: string,
  before: string | undefined,
  usual: string | undefined,
): Promise<LocalContext> {
  const key = `contexts.${LOCAL}.server`;
  const known = config.get(key);
  // Nothing answers there: a Max of this machine that was reset or removed.
  const gone =
    typeof known === 'string' && known !== url && known !== usual && isThisMachine(known) && !(await answers(known));
  if (known === undefined || known === before || gone) {
    if (known !== url) await config.set(key, url);
  } else if (known !== url) {
    return { leadsHere: false, told: `The context ${LOCAL} leads to ${known}, and was left alone` };
  }
  if (config.get('context') !== undefined) return { leadsHere: true };
  await config.set('context', LOCAL);
  return { leadsHere: true, told: `The context ${LOCAL} is current now` };
}

const isThisMachine = (server: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(server);
