import type { TerminalSize } from '@rig/plugin-api/max';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/** How what runs in a session has ended by itself or by force. */
export interface TargetEnd {
  /** Exit code; `null` where a signal ended it, or where there is no such thing. */
  code: number | null;
  /** `SIGTERM` and so on. */
  signal: string | null;
  /** Why it failed, for a person: it never began, or its connection broke. */
  failed?: string;
}

/** What a session carries bytes to and from: a terminal, a program's pipes, a TCP connection, an SSH connection. */
export interface SessionTarget {
  readonly stdin: Sink;
  readonly stdout: Source;
  /** Only a program with pipes has one. */
  readonly stderr: Source | null;
  /** Resolves when it has ended and nothing that it started is left; what it wrote may still be unread. Never rejects. */
  readonly ended: Promise<TargetEnd>;
  /** The person's terminal has another size. */
  resize?(size: TerminalSize): void;
  /** Sends a signal to what is in the foreground. */
  signal?(name: NodeJS.Signals): void;
  /** Ends it with all that it started: asks, and after `graceMs` insists. `ended` tells when. */
  stop(graceMs: number): void;
  /** Lets go of what `ended` has left open, such as a pipe that a stranger holds. */
  close(): void;
}
