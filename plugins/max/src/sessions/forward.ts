import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sinkOf } from './sink.ts';
import { sourceOf } from './source.ts';
import type { SessionTarget, TargetEnd } from './target.ts';

/** Programs listen on either, or on both. */
const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Connects to a TCP port of this machine; each side may end its half of the connection. */
export function connectLoopback(port: number): Socket {
  return connect({
    host: 'localhost',
    port,
    allowHalfOpen: true,
    noDelay: true,
    autoSelectFamily: true,
    lookup: (_host, _options, callback) => callback(null, LOOPBACK as never, 0),
  });
}

/** Why there is no connection to a port, for a person. */
export function describeRefusal(port: number, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return `nothing listens on port ${port} there`;
  return `port ${port} is out of reach: ${message}`;
}

/** A connection to a TCP port of this machine as what runs in a session. */
export function openForward(port: number): SessionTarget {
  const socket = connectLoopback(port);
  let connected = false;
  socket.once('connect', () => {
    connected = true;
  });
  return duplexTarget(socket, (error) =>
    connected ? `the connection to port ${port} broke: ${error.message}` : describeRefusal(port, error),
  );
}

/** A target of a two-way stream, whose end is that of both its halves; `describe` says a failure to a person. */
export function duplexTarget(stream: Duplex, describe: (error: NodeJS.ErrnoException) => string): SessionTarget {
  let failed: string | undefined;
  const ended = new Promise<TargetEnd>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      failed ??= describe(error);
    });
    stream.once('close', () =>
      resolve(failed === undefined ? { code: 0, signal: null } : { code: null, signal: null, failed }),
    );
  });
  return {
    stdin: sinkOf(stream),
    stdout: sourceOf(stream),
    stderr: null,
    ended,
    signal: (name) => {
      if (name === 'SIGHUP') stream.destroy();
    },
    stop: () => void stream.destroy(),
    close: () => void stream.destroy(),
  };
}
