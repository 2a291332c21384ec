import type { Writable } from 'node:stream';

/** Where the standard input of a session goes. */
export interface Sink {
  /** Takes bytes in order; `taken` is called when the program, or the system for it, has them. */
  write(bytes: Buffer, taken: () => void): void;
  /** Nothing more comes. */
  end(): void;
}

/** A sink of a Node stream. One that has broken takes everything: nobody reads it, and nobody shall wait for that. */
export function sinkOf(stream: Writable): Sink {
  stream.on('error', () => {});
  return {
    write: (bytes, taken) => {
      if (stream.writable) stream.write(bytes, () => taken());
      else taken();
    },
    end: () => {
      if (stream.writable) stream.end();
    },
  };
}

/** A sink that nobody reads. */
export const NO_SINK: Sink = { write: (_bytes, taken) => taken(), end: () => {} };
