import { Socket as OfficialSocket } from 'phoenix';
import { WebSocket } from 'ws';
import { createSocket } from '../../../host/src/socket/index.ts';

// Takes so many events of one channel, through services.socket() or the bare official client; tells how long it took.
const [port = '', mode = '', total = ''] = process.argv.slice(2);
const count = Number(total);

async function throughService(): Promise<number> {
  const socket = createSocket({
    url: `http://127.0.0.1:${port}`,
    token: async () => 'good',
    userAgent: 'bench',
    signal: new AbortController().signal,
  });
  const channel = await socket.join('echo:1', {}, { overflow: 'window' });
  const begun = performance.now();
  const pushed = channel.push('push_n', { n: count }, { timeout: 120_000 });
  let heard = 0;
  for await (const { event } of channel.events()) {
    if (event === 'n') heard += 1;
    if (heard === count) break;
  }
  await pushed;
  return performance.now() - begun;
}

async function throughOfficial(): Promise<number> {
  const options = { transport: WebSocket, params: { token: 'good' } };
  const socket = new OfficialSocket(`ws://127.0.0.1:${port}/socket`, options as never);
  socket.connect();
  const channel = socket.channel('echo:1', {});
  await new Promise((resolve) => channel.join().receive('ok', resolve));
  const begun = performance.now();
  const all = new Promise<void>((resolve) => {
    let heard = 0;
    channel.on('n', () => {
      heard += 1;
      if (heard === count) resolve();
    });
  });
  const pushed = new Promise((resolve) => channel.push('push_n', { n: count }, 120_000).receive('ok', resolve));
  await Promise.all([all, pushed]);
  return performance.now() - begun;
}

process.send?.(await (mode === 'service' ? throughService() : throughOfficial()));
