import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Address } from './exchange.ts';

/** How the life of one WebSocket went. */
export interface SocketLife {
  release: string;
  echoes: number;
  /** What was wrong with it, if anything. */
  why: string | undefined;
}

/** Close codes by which a server says that it goes, and that a client is welcome again. */
const FAREWELLS = new Set([1001, 1012]);
const PACE_MS = 100;

/**
 * Opens a WebSocket to the app and says a number each tenth of a second, until the other side or `signal` closes it. Each
 * must come back in its turn, and the end must be one that was said.
 */
export async function echoSocket({ port, host }: Address, signal: AbortSignal): Promise<SocketLife> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { host } });
  const life: SocketLife = { release: '', echoes: 0, why: undefined };
  const ended = new AbortController();
  const done = new Promise<void>((resolve) => {
    socket.on('error', (error) => {
      life.why ??= error.message;
    });
    socket.on('message', (data) => {
      if (life.release === '') life.release = String(data);
      else if (String(data) === String(life.echoes + 1)) life.echoes += 1;
      else life.why ??= `${JSON.stringify(String(data))} came where ${life.echoes + 1} should`;
    });
    socket.once('close', (code) => {
      ended.abort();
      if (!signal.aborted && !FAREWELLS.has(code)) life.why ??= `it was closed with ${code}`;
      resolve();
    });
  });
  const close = (): void => socket.close(1000);
  signal.addEventListener('abort', close, { once: true });
  for (let number = 1; !ended.signal.aborted; ) {
    if (socket.readyState === WebSocket.OPEN && life.release !== '') socket.send(String(number++));
    await delay(PACE_MS, undefined, { signal: ended.signal }).catch(() => {});
  }
  await done;
  signal.removeEventListener('abort', close);
  return life;
}
