/** Reads a query string; throws where it is not valid UTF-8. A later value of a name replaces an earlier one. */
export function parseQuery(query: string): Record<string, string> {
  const params: Record<string, string> = {};
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    Object.defineProperty(params, decode(name), {
      value: decode(value),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return params;
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
