import { request } from 'node:http';
import { connect } from 'node:net';

const ADDRESSES = ['127.0.0.1', '::1'] as const;
const PROBE_TIMEOUT_MS = 5_000;

/** What a look at an instance found. */
export interface Probe {
  /** The address at which the port is open. */
  host: string | undefined;
  healthy: boolean;
  /** What is wrong, where something answered. */
  why: string | undefined;
}

/** Looks at an instance once: whether its port is open, and whether its healthcheck path answers with 200 to 399. */
export async function probe(port: number, path: string | null): Promise<Probe> {
  for (const host of ADDRESSES) {
    if (!(await opens(host, port))) continue;
    if (path === null) return { host, healthy: true, why: undefined };
    const why = await ask(host, port, path);
    return { host, healthy: why === undefined, why };
  }
  return { host: undefined, healthy: false, why: undefined };
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function ask(host: string, port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({
      host,
      port,
      path,
      agent: false,
      timeout: PROBE_TIMEOUT_MS,
      headers: { 'user-agent': 'max-healthcheck' },
    });
    asked.once('response', (answer) => {
      answer.resume();
      asked.destroy();
      const status = answer.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? undefined : `GET ${path} answered ${status}`);
    });
    asked.once('timeout', () => asked.destroy(new Error(`no answer in ${PROBE_TIMEOUT_MS / 1000} s`)));
    asked.once('error', (error) => resolve(`GET ${path} failed: ${error.message}`));
    asked.end();
  });
}
