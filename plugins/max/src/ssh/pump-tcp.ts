import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { sinkOf } from '../sessions/sink.ts';
import { sourceOf } from '../sessions/source.ts';
import { ChannelOutput, type Transport } from './channel-output.ts';
import { feed, received } from './feed.ts';
import type { SshRecord } from './place.ts';

/** How long an app may take for what a client said before it hung up. */
const LAST_WORDS_MS = 1_000;

/** Lets a channel and a TCP connection talk, each direction ending by itself; resolves when both have. */
export async function pumpTcp(
  channel: ServerChannel,
  socket: Socket,
  transport: Transport,
  record: SshRecord,
): Promise<void> {
  const output = new ChannelOutput(channel, transport, (bytes) => record.count({ out: bytes }));
  const toApp = feed(
    received(channel, (bytes) => record.count({ in: bytes })),
    sinkOf(socket),
  );
  let hasSaidAll = false;
  let late: NodeJS.Timeout | undefined;
  channel.on('error', () => socket.destroy());
  channel.on('close', () => {
    output.close();
    socket.destroy();
  });
  // Told as soon as the client closes the channel; `close` only once all that it had sent was read.
  channel.stderr.once('finish', () => {
    output.close();
    // Who has heard all has not hung up: the app takes the rest when it likes.
    if (!hasSaidAll) late = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
  });
  await output.copy('stdout', sourceOf(socket));
  hasSaidAll = true;
  clearTimeout(late);
  // Reset rather than ended: nothing is left to be said in either direction.
  if (socket.destroyed) channel.end();
  // The client may still have something to say to who has said all.
  else (channel as ServerChannel & { eof(): void }).eof();
  await toApp;
  channel.end();
}
