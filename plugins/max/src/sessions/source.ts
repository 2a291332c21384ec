import type { Readable } from 'node:stream';

/** Bytes that come out of a session's target, at the pace of the one who takes them. */
export interface Source {
  /** Begins; `onEnd` is called once, after the last byte. */
  start(onData: (bytes: Buffer) => void, onEnd: () => void): void;
  /** Takes nothing more: whoever writes has to wait then. */
  pause(): void;
  resume(): void;
}

/** A source of a Node stream, to the end of which a failure belongs: nothing more comes. */
export function sourceOf(stream: Readable): Source {
  return {
    start: (onData, onEnd) => {
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        onEnd();
      };
      stream.on('data', onData);
      stream.once('end', end);
      stream.once('close', end);
      // `close` follows.
      stream.on('error', () => {});
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  };
}

/** A source of a text that is known. */
export function sourceOfText(text: string): Source {
  return {
    start: (onData, onEnd) => {
      if (text !== '') onData(Buffer.from(text));
      onEnd();
    },
    pause: () => {},
    resume: () => {},
  };
}
