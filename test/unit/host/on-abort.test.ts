import { afterEach, expect, it } from 'vitest';
import { client as httpClient, json, serve } from './http/serve.ts';
import { serveChannels, client as socketClient } from './socket/serve-channels.ts';

const open: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** What Node warns of while `work` goes on. */
async function warnings(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const note = ({ message }: Error): void => void seen.push(message);
  process.on('warning', note);
  await work();
  // A warning is told in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  return seen;
}

const MANY = 30;
const each = <T>(make: (number: number) => T): T[] => Array.from({ length: MANY }, (_, number) => make(number));

it('many requests and channels at once may have one signal, and nobody is warned of a leak', async () => {
  const { signal } = new AbortController();
  const served = await serve((_request, response) => json(response, 200, {}));
  const http = httpClient(served.url);
  const channels = await serveChannels();
  const socket = socketClient(channels.url, { signal });
  open.push(
    () => served.close(),
    () => http.dispose(),
    () => channels.kill(),
    () => socket.dispose(),
  );
  expect(await warnings(() => Promise.all(each(() => http.get('/v1/apps', { signal }))))).toEqual([]);
  expect(await warnings(() => Promise.all(each((n) => socket.join(`test:${n}`, {}, { signal }))))).toEqual([]);
});
