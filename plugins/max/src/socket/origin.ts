import type { IncomingMessage } from 'node:http';

/** Says whether a request may connect by its `Origin`; a request without one comes from no web page. */
export function originAllowed(request: IncomingMessage, rule: boolean | readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || rule === false) return true;
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  if (page === undefined) return false;
  if (rule === true) return page.host === host?.toLowerCase();
  return rule.some((pattern) => matches(page, pattern));
}

function matches(page: URL, pattern: string): boolean {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?\/\/(\*\.)?([^/:]+)(?::(\d+))?$/i.exec(pattern);
  if (match === null) return false;
  const [, scheme, wildcard, host = '', port] = match;
  if (scheme !== undefined && page.protocol !== `${scheme.toLowerCase()}:`) return false;
  if (port !== undefined && effectivePort(page) !== port) return false;
  const name = host.toLowerCase();
  return wildcard === undefined ? page.hostname === name : page.hostname.endsWith(`.${name}`);
}

function effectivePort(page: URL): string {
  return page.port !== '' ? page.port : page.protocol === 'https:' ? '443' : '80';
}
