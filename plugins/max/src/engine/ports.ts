import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range that systems take for outgoing connections, so that none of those comes between the choice of a port
 * and the app that opens it.
 */
const RANGE = { from: 20_000, to: 32_000 } as const;
const ATTEMPTS = 200;

/** Gives each instance a port of its own that nobody listens on. */
export class Ports {
  readonly #taken = new Set<number>();

  /** Takes a port that is free on every address. */
  async take(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const port = randomInt(RANGE.from, RANGE.to);
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if (await isPortFree(port)) return port;
      this.#taken.delete(port);
    }
    throw new Error(`no free TCP port was found between ${RANGE.from} and ${RANGE.to}`);
  }

  /** Marks the port of an adopted instance as taken. */
  reserve(port: number): void {
    this.#taken.add(port);
  }

  /** Gives a port back. */
  release(port: number): void {
    this.#taken.delete(port);
  }
}

/** Whether nobody listens on a port, on whichever address. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
