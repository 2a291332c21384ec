import type { IncomingMessage } from 'node:http';

/** What is left of a body that nobody wants is read for so long; then the connection ends. */
const LINGER_MS = 30_000;

/** Whether a request has a body, by its head. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads what is left of a request that was answered early, to nowhere. A connection that was closed instead would take the
 * answer with it, before a client that still sends has read it.
 */
export function dropRest(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  if (!dropped.has(req)) {
    dropped.add(req);
    const timer = setTimeout(() => req.socket.destroy(), LINGER_MS).unref();
    req.once('close', () => clearTimeout(timer));
    req.once('end', () => clearTimeout(timer));
    req.on('error', () => {});
  }
  req.resume();
}

const dropped = new WeakSet<IncomingMessage>();
