import type { TerminalLease } from '@rig/plugin-api';
import { formatBytes } from '@rig/plugin-api';
import type { LinkState, StreamHole } from '../session/index.ts';
import type { CommandOutput } from './follow-session.ts';
import { Lines } from './lines.ts';
import { TerminalText } from './terminal-text.ts';

type StreamName = 'stdout' | 'stderr';

/** Where bytes of a stream go to. */
type Write = (data: string | Uint8Array) => Promise<void>;

const writerOf = (lease: TerminalLease, name: StreamName): Write =>
  name === 'stdout' ? (data) => lease.write(data) : (data) => lease.writeError(data);

/** What rig itself says amid a command's output, on standard error. */
function say(lease: TerminalLease, text: string): void {
  // Where the command is given up meanwhile nobody needs it.
  lease.writeError(`rig: ${text}\n`).catch(() => {});
}

/** What is said of a connection that is lost, or back. */
export function stateText(state: LinkState): string {
  return state.state === 'open'
    ? 'the connection is back'
    : `${state.reason}; what runs goes on, and is reached for again for ${state.seconds} s`;
}

/** Says of several commands, which share a connection, once that it is lost, and once that it is back. */
export function sayStates(lease: TerminalLease): (state: LinkState) => void {
  let last: LinkState['state'] = 'open';
  return (state) => {
    if (state.state !== last) say(lease, stateText(state));
    last = state.state;
  };
}

const holeText = ({ stream, from, to }: StreamHole): string =>
  `${formatBytes(to - from)} of ${stream} are not kept any more`;

/** Passes a command's streams to rig's own: bytes as they are, and to a terminal only what it may obey. */
export class StandardOutput implements CommandOutput {
  readonly #lease: TerminalLease;
  readonly #texts: Record<StreamName, TerminalText | undefined>;

  constructor(lease: TerminalLease) {
    this.#lease = lease;
    const textOf = (name: StreamName) => (lease.terminals[name] ? new TerminalText() : undefined);
    this.#texts = { stdout: textOf('stdout'), stderr: textOf('stderr') };
  }

  stdout(bytes: Buffer): Promise<void> {
    return this.#lease.write(this.#texts.stdout?.push(bytes) ?? bytes);
  }

  stderr(bytes: Buffer): Promise<void> {
    return this.#lease.writeError(this.#texts.stderr?.push(bytes) ?? bytes);
  }

  hole(hole: StreamHole): void {
    say(this.#lease, holeText(hole));
  }

  state(state: LinkState): void {
    say(this.#lease, stateText(state));
  }

  /** Whether the program would have drawn on the terminal, and was not let. */
  get drew(): boolean {
    return this.#texts.stdout?.drew === true || this.#texts.stderr?.drew === true;
  }

  /** Writes what was held back. */
  async end(): Promise<void> {
    await this.#lease.write(this.#texts.stdout?.end() ?? '');
    await this.#lease.writeError(this.#texts.stderr?.end() ?? '');
  }
}

/** The same for one of several commands: whole lines, each with the name of its instance before it. */
export class PrefixedOutput implements CommandOutput {
  readonly #lease: TerminalLease;
  readonly #prefix: string;
  readonly state: (state: LinkState) => void;
  readonly #lines = { stdout: new Lines(), stderr: new Lines() };

  /** @param state is told of the connection, which all share */
  constructor(lease: TerminalLease, prefix: string, state: (state: LinkState) => void) {
    this.#lease = lease;
    this.#prefix = prefix;
    this.state = state;
  }

  stdout(bytes: Buffer): Promise<void> {
    return this.#write('stdout', this.#lines.stdout.push(bytes));
  }

  stderr(bytes: Buffer): Promise<void> {
    return this.#write('stderr', this.#lines.stderr.push(bytes));
  }

  hole(hole: StreamHole): void {
    say(this.#lease, `${this.#prefix}${holeText(hole)}`);
  }

  /** Writes the last lines. */
  async end(): Promise<void> {
    await this.#write('stdout', this.#lines.stdout.end());
    await this.#write('stderr', this.#lines.stderr.end());
  }

  async #write(name: StreamName, lines: Iterable<{ bytes: Buffer }>): Promise<void> {
    const pieces: Array<string | Buffer> = [];
    for (const { bytes } of lines) {
      const shown = this.#lease.terminals[name] ? shownLine(bytes) : bytes;
      pieces.push(this.#prefix, shown, '\n');
    }
    // In one piece: lines of others must not come between.
    if (pieces.length > 0) await writerOf(this.#lease, name)(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  }
}

/** A line for a terminal: it cannot lead back over its own prefix. */
function shownLine(bytes: Buffer): string {
  const text = new TerminalText();
  return (text.push(bytes) + text.end()).replace(/\r$/, '').replaceAll('\r', '\\r');
}
