import type { SessionEnd, SessionJoined, TerminalSize } from '@rig/plugin-api/max';
import type { StreamHole } from './incoming-stream.ts';

/** How the connection of a session fares. */
export type LinkState =
  | { state: 'open' }
  | {
      state: 'lost';
      /** Why, for a person. */
      reason: string;
      /** How long it is tried from now until the session is given up. */
      seconds: number;
    };

/** A joined session: its streams, over as many connections as it takes. */
export interface SessionLink {
  /** Max's answer to the join. */
  readonly joined: SessionJoined;
  /** What the program writes; each chunk is acknowledged when the next one is asked for. Has one reader. */
  readonly stdout: AsyncIterable<Buffer>;
  /** What it writes to its standard error; stays empty for a pty and a connection. */
  readonly stderr: AsyncIterable<Buffer>;
  /** Settles when everything has come: with the session's end, or with the error for which it is no longer followed. */
  readonly ended: Promise<SessionEnd>;
  /** Whether the program still reads what is written. */
  readonly isWritable: boolean;
  /** Whether there is no connection now. */
  readonly isLost: boolean;
  /**
   * Writes to standard input; resolves when there is room for more. What nobody reads any more is dropped. The bytes must not
   * be changed afterwards: a connection that comes back may want them again.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends standard input after what was written. */
  end(): void;
  /** Tells the size of the terminal. */
  resize(size: TerminalSize): void;
  /** Sends a signal, `SIGINT` for example, to the program; `SIGHUP` closes a connection at once. */
  signal(name: string): void;
  /** Calls back when the connection is lost, and when it is back; gives a function that stops it. */
  onState(listener: (state: LinkState) => void): () => void;
  /** Calls back when output is missing that Max no longer has; gives a function that stops it. */
  onHole(listener: (hole: StreamHole) => void): () => void;
  /** Leaves it to itself: it goes on, and is ended when nobody comes back in time. `ended` never settles then. */
  leave(): Promise<void>;
}
