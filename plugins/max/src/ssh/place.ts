import type { Socket } from 'node:net';
import type { SessionEnd, TerminalSize } from '@rig/plugin-api/max';
import type { SessionTarget } from '../sessions/target.ts';

/** What is to be run, without or with a terminal. */
export interface ProgramRequest {
  /** For the shell to read; `undefined` for the shell itself. */
  command: string | undefined;
  /** Set on top of the app's own environment. */
  env: Readonly<Record<string, string>>;
  /** The terminal that it gets. */
  terminal: (TerminalSize & { term: string }) | undefined;
}

/** What something done within a connection leaves in the audit. */
export interface SshRecord {
  /** Bytes that the client has sent, and those that it was sent. */
  count(bytes: { in?: number; out?: number }): void;
  /** It is over; only the first call counts. Never throws: the client has its end already. */
  end(end: Pick<SessionEnd, 'reason' | 'code' | 'signal' | 'detail'>): void;
}

/** Where an SSH connection leads: an instance of an app, in the name of one user. */
export interface SshPlace {
  /** The folder that programs start in and relative paths begin at. */
  readonly folder: string;
  /** The app's home: `~`. */
  readonly home: string;
  /** Starts a program in the app's environment. @throws Error for a person, where it cannot be started */
  start(request: ProgramRequest): SessionTarget;
  /** Connects to a port of the instance. @throws Error for a person, where nobody listens */
  connect(port: number): Promise<Socket>;
  /** Begins a record; `what` is `null` for an interactive shell. */
  record(what: string | null): SshRecord;
}
