import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { sinkOf } from '../sessions/sink.ts';
import { sourceOf } from '../sessions/source.ts';
import { ChannelOutput, type Transport } from './channel-output.ts';
import { feed, received } from './feed.ts';
import type { SshRecord } from './place.ts';

/** Lets a channel and a TCP connection talk, each direction ending by itself; resolves when both have. */
export async function pumpTcp(
  channel: ServerChannel,
  socket: Socket,
  transport: Transport,
  record: SshRecord,
): Promise<void> {
  const output = new ChannelOutput(channel, transport, (bytes) => record.count({ out: bytes }));
  channel.on('error', () => socket.destroy());
  channel.on('close', () => {
    output.close();
    socket.destroy();
  });
  const toApp = feed(
    received(channel, (bytes) => record.count({ in: bytes })),
    sinkOf(socket),
  );
  await output.copy('stdout', sourceOf(socket));
  // Reset rather than ended: nothing is left to be said in either direction.
  if (socket.destroyed) channel.end();
  // The client may still have something to say to who has said all.
  else (channel as ServerChannel & { eof(): void }).eof();
  await toApp;
  channel.end();
}
