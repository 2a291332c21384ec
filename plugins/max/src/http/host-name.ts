/** Who a request is for, by its `Host`: Max's API, the router of apps, or nobody here. */
export type Addressee = 'api' | 'router' | 'stranger';

/**
 * Reads the Host header. The API answers only under a loopback name: a web page whose own name was pointed here
 * (DNS rebinding) comes with another one.
 */
export function addressee(host: string | undefined): Addressee {
  const name = (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
  if (name === '127.0.0.1' || name === 'localhost' || name === '[::1]') return 'api';
  if (/^[a-z0-9.-]+\.localhost\.?$/.test(name)) return 'router';
  return 'stranger';
}
