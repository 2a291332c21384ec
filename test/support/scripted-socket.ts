import { EventQueue } from '../../host/src/socket/event-queue.ts';
import { RigError } from '../../plugin-api/src/errors.ts';
import { ExitCode } from '../../plugin-api/src/exit-code.ts';
import type { Channel, ChannelEvent, JoinOptions, Socket, SocketState } from '../../plugin-api/src/socket.ts';

/** A channel whose server side is the test. */
export interface ScriptedChannel {
  topic: string;
  /** What the join was given, and what each rejoin would be given now. */
  params: () => object;
  options: JoinOptions | undefined;
  /** Answers the join. */
  accept(joined: object): void;
  refuse(code: string): void;
  /** Sends an event to the client. */
  emit(event: string, payload: unknown): void;
  /** The channel ends, as if Max had closed it; with an error it fails for good. */
  close(error?: unknown): void;
  /** Events that the client sent. */
  sent: ChannelEvent[];
  left: boolean;
}

/** A socket without a network: the test plays Max, at the level of the interface. */
export interface ScriptedSocket extends Socket {
  /** Settles when that topic is joined; each join is handed out once. */
  nextJoin(topic: string): Promise<ScriptedChannel>;
  setState(state: SocketState): void;
}

const refusal = (code: string): RigError =>
  new RigError({
    code,
    message: `refused: ${code}`,
    exitCode: code === 'RIG_TIMEOUT' ? ExitCode.TimedOut : ExitCode.Failed,
  });

/** Makes a socket for tests of logic that follows channels. */
export function scriptedSocket(): ScriptedSocket {
  let state: SocketState = { state: 'open' };
  const listeners = new Set<(state: SocketState) => void>();
  const joined: ScriptedChannel[] = [];
  const waiting: Array<{ topic: string; resolve: (channel: ScriptedChannel) => void }> = [];

  const handOut = (channel: ScriptedChannel): void => {
    const index = waiting.findIndex(({ topic }) => topic === channel.topic);
    if (index === -1) joined.push(channel);
    else waiting.splice(index, 1)[0]?.resolve(channel);
  };

  return {
    get state() {
      return state;
    },
    setState(next) {
      state = next;
      for (const listener of [...listeners]) listener(next);
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    states: () => {
      throw new Error('nothing reads the states here');
    },
    health: () => {
      throw new Error('nothing asks for figures here');
    },
    ping: () => Promise.reject(new Error('nothing pings here')),
    nextJoin(topic) {
      const index = joined.findIndex((channel) => channel.topic === topic);
      const found = index === -1 ? undefined : joined.splice(index, 1)[0];
      return found ? Promise.resolve(found) : new Promise((resolve) => waiting.push({ topic, resolve }));
    },
    join<Joined>(topic: string, params?: object | (() => object), options?: JoinOptions): Promise<Channel<Joined>> {
      const box = new EventQueue({ overflow: 'window' });
      const read = typeof params === 'function' ? (params as () => object) : () => params ?? {};
      const first = read();
      return new Promise<Channel<Joined>>((resolve, reject) => {
        // As the real one: who waits for the join, or reads, is told why it ended.
        const stop = (): void => {
          reject(options?.signal?.reason);
          box.fail(options?.signal?.reason);
        };
        options?.signal?.addEventListener('abort', stop, { once: true });
        let asked = false;
        const side: ScriptedChannel = {
          topic,
          params: () => {
            // The first join has its own parameters; whoever looks later sees a rejoin's.
            const given = asked ? read() : first;
            asked = true;
            return given;
          },
          options,
          accept: (reply) =>
            resolve({
              topic,
              joined: reply as Joined,
              push: () => Promise.reject(new Error('nothing pushes here')),
              send: (event, payload) => void side.sent.push({ event, payload }),
              events: () => box as never,
              leave: async () => {
                side.left = true;
                box.end();
              },
            }),
          refuse: (code) => reject(refusal(code)),
          emit: (event, payload) => void box.push({ event, payload }, 0),
          close: (error) => (error === undefined ? box.end() : box.fail(error)),
          sent: [],
          left: false,
        };
        handOut(side);
      });
    },
  };
}
