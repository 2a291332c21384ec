import type { Duplex } from 'node:stream';
import { closeFrame, Frames } from './frames.ts';
import type { Target } from './target.ts';
import type { Tunnels } from './tunnels.ts';

/** "Service restart" (RFC 6455 and its registry): clients connect again at once, to what serves now. */
const SERVICE_RESTART = 1012;
/** A client that was told goodbye may take so long to close its side. */
const FAREWELL_MS = 5_000;

/** Two connections that become one. */
export interface Tunnel {
  client: Duplex;
  upstream: Duplex;
  target: Target;
  tunnels: Tunnels;
  /** Whether what goes through are the frames of a WebSocket. */
  webSocket: boolean;
  /** Called once, when both are closed. */
  end: () => void;
}

/**
 * Joins the connections of a client and an instance until either is done. A WebSocket whose instance goes with its release,
 * and has not closed it itself, is closed with 1012, as one is when Max goes: its client knows that it may come back.
 */
export function joinTunnel({ client, upstream, target, tunnels, webSocket, end }: Tunnel): void {
  const frames = webSocket ? new Frames() : undefined;
  if (frames !== undefined) upstream.on('data', (bytes: Buffer) => frames.push(bytes));
  client.pipe(upstream);
  upstream.pipe(client, { end: false });
  const isLeaving = (): boolean => target.leaving || tunnels.leaving;
  let done = false;
  const finish = (): void => {
    if (done) return;
    done = true;
    forget();
    client.unpipe(upstream);
    upstream.destroy();
    if (isLeaving() && frames?.open === true && client.writable) {
      client.end(closeFrame(SERVICE_RESTART));
      // Its own goodbye is read, or closing would cut ours off.
      client.resume();
      setTimeout(() => client.destroy(), FAREWELL_MS).unref();
    } else client.destroy();
    end();
  };
  const holds = [target.hold(finish), tunnels.hold(finish)];
  const forget = (): void => {
    for (const forgetOne of holds) forgetOne();
  };
  upstream.once('end', () => {
    if (isLeaving()) finish();
    else client.end();
  });
  for (const side of [client, upstream]) {
    side.on('error', finish);
    side.once('close', finish);
  }
  if (tunnels.leaving) finish();
}
