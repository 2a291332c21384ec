import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../live/child.ts';
import { type Received, receive } from './receive.ts';

/** A copy over nothing but ws: what a session's bytes are measured against. */
export interface WsCopy {
  /** Copies the file once: from one process over ws to another, and from there to this one by TCP. */
  run(): Promise<Received>;
  end(): Promise<void>;
}

/** Starts both sides of it. */
export async function startWsCopy(file: string): Promise<WsCopy> {
  const script = join('..', 'session', 'ws-copy-process.ts');
  const server = startChild(script, ['server', file]);
  const client = startChild(script, ['client']);
  const from = await server.hear<number>();
  await client.hear<number>();
  return {
    run: async () => {
      const began = performance.now();
      let accept: (socket: Socket) => void = () => undefined;
      const accepted = new Promise<Socket>((resolve) => {
        accept = resolve;
      });
      const sink = createServer((socket) => accept(socket));
      await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
      client.tell({ from, to: (sink.address() as AddressInfo).port });
      const received = await receive(await accepted, began);
      sink.close();
      return received;
    },
    end: async () => {
      await client.end();
      await server.end();
    },
  };
}
