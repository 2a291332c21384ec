import { ExitCode, RigError } from '@rig/plugin-api';

/** What a host name that ssh was given leads to. */
export interface NamedHost {
  app: string;
  network: string;
  /** `web.2`; the first that runs unless named. */
  instance: string | undefined;
}

const SUFFIX = 'rig';

/**
 * Reads `APP.NETWORK`, `web.2.APP.NETWORK`, and either with `.rig` at its end: by the number of its parts it is one or the
 * other, so that a network may itself be called rig.
 *
 * @throws RigError `RIG_BAD_HOST` (2)
 */
export function readHostName(host: string): NamedHost {
  const parts = host.split('.');
  if (parts.length % 2 === 1 && parts.at(-1) === SUFFIX) parts.pop();
  const network = parts.pop();
  const app = parts.pop();
  if (app && network && parts.every((part) => part !== '')) {
    if (parts.length === 0) return { app, network, instance: undefined };
    if (parts.length === 2 && /^\d+$/.test(parts[1] ?? '')) return { app, network, instance: parts.join('.') };
  }
  throw new RigError({
    code: 'RIG_BAD_HOST',
    message: `${JSON.stringify(host)} names no app: a host is APP.NETWORK, or web.2.APP.NETWORK for one of its instances, with or without .rig`,
    hint: 'for example: ssh api.shop',
    exitCode: ExitCode.Usage,
  });
}
