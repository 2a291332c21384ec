import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createSocket } from '../../../host/src/socket/index.ts';
import { sharedNow } from './child.ts';

// Hears of each event twice: through services.socket(), and as a bare frame. Tells how long each took, in order.
const [port = '', total = ''] = process.argv.slice(2);
const count = Number(total);
const socket = createSocket({
  url: `http://127.0.0.1:${port}`,
  token: async () => 'any',
  userAgent: 'bench',
  signal: new AbortController().signal,
});
const plain = new WebSocket(`ws://127.0.0.1:${port}/bare`, { perMessageDeflate: false });
const [channel] = await Promise.all([socket.join('room:1'), once(plain, 'open')]);

const bare: number[] = [];
const heardAll = new Promise<void>((resolve) => {
  plain.on('message', (data: Buffer) => {
    const now = sharedNow();
    const [, , , , { at, n }] = JSON.parse(data.toString()) as [null, null, string, string, { at: number; n: number }];
    bare[n] = now - at;
    if (bare.length === count) resolve();
  });
});
process.send?.('ready');
const handled: number[] = [];
for await (const { payload } of channel.events<{ at: number; n: number }>()) {
  const now = sharedNow();
  if (payload.n !== handled.length) throw new Error(`event ${payload.n} came where ${handled.length} was due`);
  handled.push(now - payload.at);
  if (handled.length === count) break;
}
await heardAll;
process.send?.({ handled, bare });
