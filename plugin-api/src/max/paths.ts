/** The HTTP path of a network. */
export function networkPath(network: string): string {
  return `/v1/networks/${encodeURIComponent(network)}`;
}

/** The HTTP path of an app. */
export function appPath(ref: { network: string; app: string }): string {
  return `${networkPath(ref.network)}/apps/${encodeURIComponent(ref.app)}`;
}
