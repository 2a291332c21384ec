import { LiveTopic } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { scriptedSocket } from '../../support/scripted-socket.ts';

/** A socket that counts who listens to its state. */
function counted() {
  const socket = scriptedSocket();
  let listening = 0;
  const onState: typeof socket.onState = (listener) => {
    listening += 1;
    const forget = socket.onState(listener);
    return () => {
      listening -= 1;
      forget();
    };
  };
  return { socket: { ...socket, onState }, listening: () => listening };
}

test.each(['before it began', 'meanwhile'])(
  'one whose command ended %s holds nothing and waits for nothing',
  async (when) => {
    const { socket, listening } = counted();
    const stop = new AbortController();
    if (when === 'before it began') stop.abort();
    const live = new LiveTopic({ socket, topic: 'app:1', params: () => ({}), signal: stop.signal });
    stop.abort();
    expect(await live.next({ deadMs: 60_000 })).toEqual({ kind: 'quiet' });
    expect(listening()).toBe(0);
  },
);
