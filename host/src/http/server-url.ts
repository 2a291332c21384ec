import { ExitCode, RigError } from '@rig/plugin-api';

/** Tells whether a server is this machine itself: only there may a token travel without TLS. */
export function isLoopback(server: string): boolean {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  // URL writes every IPv4 address in its four numbers. (node:net would be loaded at every start for this.)
  return /^127(\.\d{1,3}){3}$/.test(host);
}

const bad = (what: string, why: string, hint: string): RigError =>
  new RigError({
    code: 'RIG_BAD_SERVER',
    message: `the server ${what} cannot be used: ${why}`,
    hint,
    exitCode: ExitCode.Usage,
  });

/**
 * Checks a server's URL and gives it in its one form: lower case host, no default port, no slash at the end.
 *
 * @throws RigError `RIG_BAD_SERVER` (2)
 */
export function normaliseServer(text: string): string {
  const trimmed = text.trim();
  const example = 'write it as https://max.example.com';
  // What stands before "@" may be a password, so such a text is never repeated.
  if (trimmed.includes('@')) {
    throw bad(
      'URL',
      'it carries a user name or a password',
      'leave out what stands before "@"; sign in with: rig login',
    );
  }
  const shown = JSON.stringify(trimmed);
  if (trimmed === '') throw bad('URL', 'it is empty', example);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) {
    const guess = /^(localhost|127\.|\[::1\])/i.test(trimmed) ? `http://${trimmed}` : `https://${trimmed}`;
    throw bad(shown, 'it does not say http:// or https://', URL.canParse(guess) ? `write it as ${guess}` : example);
  }
  if (!URL.canParse(trimmed)) throw bad(shown, 'it is not a URL', example);
  const url = new URL(trimmed);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw bad(shown, `"${url.protocol}//" is not "http://" or "https://"`, example);
  }
  if (url.search !== '' || url.hash !== '') throw bad(shown, 'it has a part after "?" or "#"', example);
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/**
 * Refuses to send a token over an unencrypted connection to another machine.
 *
 * @throws RigError `RIG_INSECURE_SERVER` (2)
 */
export function requireSecure(server: string): void {
  if (new URL(server).protocol === 'https:' || isLoopback(server)) return;
  throw new RigError({
    code: 'RIG_INSECURE_SERVER',
    message: `no token is sent to ${server}: over http everybody on the way could read it`,
    hint: `use https: ${server.replace(/^http:/, 'https:')}; http is for this machine alone`,
    exitCode: ExitCode.Usage,
  });
}

/** The command that signs in to a server, as a person can paste it. */
export function loginCommand(server: string): string {
  return isLoopback(server)
    ? `rig max token | rig login --server ${server} --token-stdin`
    : `rig login --server ${server} --token-stdin < FILE_WITH_API_TOKEN`;
}

/** Joins a server and a path with its query, and makes sure that the path cannot lead to another server or out of it. */
export function requestUrl(
  server: string,
  path: string,
  query?: Record<string, string | number | boolean | undefined>,
): URL {
  const [pathname = ''] = path.split(/[?#]/, 1);
  const climbs = pathname.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part));
  if (!path.startsWith('/') || path.includes('#') || path.includes('\\') || climbs) {
    throw new TypeError(
      `not a path of Max: ${JSON.stringify(pathname)}; it begins with "/" and has no "." or ".." parts`,
    );
  }
  const url = new URL(server + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
