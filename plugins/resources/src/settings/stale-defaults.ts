import { type Config, isRigError, type Services } from '@rig/plugin-api';
import { fullName } from '../names.ts';

/** What a command would act on that names nothing; `undefined` where that is nothing. */
function meant<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (isRigError(error)) return undefined;
    throw error;
  }
}

function warn(services: Services, what: string, origin: string, to: string): void {
  services.output.warn('RIG_OLD_NAME', `${what} is still what ${origin} names here: write ${to} there`);
}

/** Says where the app that commands act on by default is still named as it was. */
export function warnOfOldApp(
  services: Services,
  config: Config,
  old: { app: string; network: string },
  name: string,
): void {
  const ref = meant(() => config.app());
  if (ref?.app === old.app && ref.network === old.network) warn(services, `app ${fullName(old)}`, ref.origin, name);
}

/** Says where the network that commands act on by default is still named as it was. */
export function warnOfOldNetwork(services: Services, config: Config, old: string, name: string): void {
  const ref = meant(() => config.network()) ?? meant(() => config.app());
  if (ref?.network === old) warn(services, `network ${old}`, ref.origin, name);
}
