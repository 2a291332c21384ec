import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy on the way to a server, which ends for good in the middle of things. */
export interface CuttingProxy {
  port: number;
  /** Bytes that went to the server. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** Starts a proxy that cuts every connection, and takes none any more, once so many bytes went to the server. */
export async function startCuttingProxy(toPort: number, cutAfter: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer((client) => {
    const upstream = connect({ port: toPort, host: '127.0.0.1' });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      bytes += data.length;
      if (bytes >= cutAfter) void close();
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
    close,
  };
}
