/** The domain that networks live in: every resolver takes its names to this machine. */
export const DOMAIN = 'localhost';

/** An app by its names. */
export interface AppHost {
  app: string;
  network: string;
}

/** Reads `APP.NETWORK.localhost[:port]`; `undefined` for any other host. */
export function parseAppHost(host: string | undefined): AppHost | undefined {
  const match = /^([^.:\s]+)\.([^.:\s]+)\.localhost\.?(?::\d*)?$/i.exec(host ?? '');
  return match === null ? undefined : { app: match[1]!.toLowerCase(), network: match[2]!.toLowerCase() };
}
