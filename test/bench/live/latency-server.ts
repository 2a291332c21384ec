import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Channel, Endpoint, ok } from '../../../plugins/max/src/socket/index.ts';
import { sharedNow } from './child.ts';

// Sends the same bytes in two ways, at a rate: by a broadcast of Max's socket layer, and as a bare WebSocket frame.
class Room extends Channel<undefined> {
  join() {
    return ok();
  }
}

const endpoint = new Endpoint();
endpoint.mount<undefined>('/socket', {
  connect: () => ({ assigns: undefined }),
  channels: [['room:*', () => new Room()]],
});
const bare = new WebSocketServer({ noServer: true, perMessageDeflate: false });
let listener: WebSocket | undefined;
const server = createServer();
server.on('upgrade', (request, stream, head) => {
  if (endpoint.handleUpgrade(request, stream, head)) return;
  bare.handleUpgrade(request, stream, head, (socket) => {
    listener = socket;
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

const TEXT = 'x'.repeat(150);
const payload = (n: number) => ({ n, text: TEXT, at: sharedNow() });

function sendBoth(n: number): void {
  const broadcast = (): void => endpoint.broadcast('room:1', 'event', payload(n));
  const plain = (): void => listener?.send(JSON.stringify([null, null, 'room:1', 'event', payload(n)]));
  // Whoever is second is held up by the first.
  for (const send of n % 2 === 0 ? [broadcast, plain] : [plain, broadcast]) send();
}

process.on('message', ({ rate, count }: { rate: number; count: number }) => {
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - begun) * rate) / 1000));
    while (sent < due) sendBoth(sent++);
    if (sent === count) clearInterval(timer);
  }, 1);
});
