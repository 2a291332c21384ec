import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** After a write that failed, what can be read is read within this time. */
const READ_ON_MS = 1_000;

type Written = (error?: Error | null) => void;

/**
 * A connection that is read to its end although writing to it fails. A server that has seen enough of a request answers and
 * closes; the client's next write fails then, and Node throws the connection away with the answer that has already come.
 */
class ReadingSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    super._write(chunk, encoding, (error) => this.#wrote(error, written));
  }

  override _writev(chunks: Array<{ chunk: unknown; encoding: BufferEncoding }>, written: Written): void {
    // Always there on a socket, though its type leaves it open.
    super._writev!(chunks, (error) => this.#wrote(error, written));
  }

  #wrote(error: Error | null | undefined, written: Written): void {
    if (error && !this.destroyed) setTimeout(() => this.destroy(error), READ_ON_MS).unref();
    written(this.destroyed ? error : null);
  }
}

/** Makes connections that are read to their end, for undici. */
export function readingConnector(timeoutMs: number): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = new ReadingSocket();
    const late = (): void =>
      void socket.destroy(
        Object.assign(new Error('the connection took too long'), { code: 'UND_ERR_CONNECT_TIMEOUT' }),
      );
    const timer = setTimeout(late, timeoutMs);
    const onError = (error: Error): void => {
      clearTimeout(timer);
      callback(error, null);
    };
    socket.once('error', onError);
    socket.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), noDelay: true }, () => {
      clearTimeout(timer);
      socket.off('error', onError);
      callback(null, socket);
    });
  };
}
