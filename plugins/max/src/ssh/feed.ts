import type { ServerChannel } from 'ssh2';
import type { Sink } from '../sessions/sink.ts';

/** What the client sends, piece by piece; its end leaves the channel open for what is still to be sent back. */
export async function* received(channel: ServerChannel, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of channel.iterator({ destroyOnReturn: false })) {
    count((piece as Buffer).length);
    yield piece as Buffer;
  }
}

/** Hands what the client sends to a program or a connection, at its pace, and then its end. */
export async function feed(source: AsyncIterable<Buffer>, sink: Sink): Promise<void> {
  for await (const piece of source) await new Promise<void>((taken) => sink.write(piece, taken));
  sink.end();
}
