import type { AppName } from '../protocol.ts';

/** The address of an app's view. */
export function appHash({ network, app }: AppName): string {
  return `#/app/${encodeURIComponent(network)}/${encodeURIComponent(app)}`;
}

/** The app that an address leads to; `null` for the list of all. */
export function appOfHash(hash: string): AppName | null {
  const [, network, app] = /^#\/app\/([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(hash) ?? [];
  return network === undefined || app === undefined ? null : { network, app };
}
