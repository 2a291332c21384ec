import { isUtf8 } from 'node:buffer';
import { ExitCode, formatBytes, RigError } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';
import { programCode } from './ending.ts';
import type { CommandOutput } from './follow-session.ts';
import { type CommandResult, type Encoding, endFields } from './result.ts';

/** Bytes of output that one document may hold. */
const MOST_BYTES = 32 * 1024 * 1024;

/** The room that all commands of one document share. */
export class CaptureRoom {
  #left: number;
  readonly #most: number;
  readonly #attached: string | undefined;

  /**
   * @param attached the command where it was begun before, and goes on whatever becomes of the document
   * @param most for tests
   */
  constructor(attached?: string, most = MOST_BYTES) {
    this.#attached = attached;
    this.#most = most;
    this.#left = most;
  }

  /** @throws RigError `RIG_OUTPUT_TOO_LARGE` where it does not suffice */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    const attach = this.#attached === undefined ? '' : `: rig command attach ${this.#attached} > FILE`;
    throw new RigError({
      code: 'RIG_OUTPUT_TOO_LARGE',
      message: `the command writes more than ${formatBytes(this.#most)}, which is more than one document takes; it ${attach === '' ? 'was ended' : 'was left as it is'}`,
      hint: `a record a line as it comes: -o ndjson; or without -o, into a file${attach}`,
      exitCode: ExitCode.Failed,
    });
  }
}

/** Keeps what a command writes, within a bound. */
export class Captured implements CommandOutput {
  readonly #room: CaptureRoom;
  readonly #pieces: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };

  constructor(room: CaptureRoom) {
    this.#room = room;
  }

  stdout(bytes: Buffer): void {
    this.#keep('stdout', bytes);
  }

  stderr(bytes: Buffer): void {
    this.#keep('stderr', bytes);
  }

  /** All that it wrote so far. */
  get written(): Pick<CommandResult, 'stdout' | 'stderr' | 'encoding'> {
    const stdout = textOf(Buffer.concat(this.#pieces.stdout));
    const stderr = textOf(Buffer.concat(this.#pieces.stderr));
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      encoding: { stdout: stdout.encoding, stderr: stderr.encoding },
    };
  }

  /** The command with all that it wrote, once it has ended. */
  result(session: Session, end: SessionEnd): CommandResult {
    const { stdout, stderr, encoding } = this.written;
    const { exitCode, signal, durationMs, release, instance, ...more } = endFields(session, end, programCode(end));
    return {
      ...{ stdout, stderr, exitCode, signal, durationMs, release, instance, encoding },
      reason: end.reason,
      ...more,
    };
  }

  #keep(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#room.take(bytes.length);
    this.#pieces[stream].push(bytes);
  }
}

/** Bytes as a text of JSON, from which they can be had again as they were. */
export function textOf(bytes: Buffer): { text: string; encoding: Encoding } {
  return isUtf8(bytes)
    ? { text: bytes.toString('utf8'), encoding: 'utf8' }
    : { text: bytes.toString('base64'), encoding: 'base64' };
}
