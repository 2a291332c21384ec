import { constants } from 'node:os';
import type { TerminalSize } from '@rig/plugin-api/max';
import type { RejectConnection, ServerChannel, Session, SessionAccept } from 'ssh2';
import type { SessionTarget } from '../sessions/target.ts';
import { ChannelOutput, type Transport } from './channel-output.ts';
import { isAccepted } from './environment.ts';
import { feed, received } from './feed.ts';
import type { SshPlace, SshRecord } from './place.ts';
import { serveSftp } from './sftp/serve-sftp.ts';

/** Exit code of what could not be started, as a shell gives it. */
const NOT_STARTED = 126;
/** The signals that SSH has names for. */
const NAMED = new Set('ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '));
const MOST_VARIABLES = 32;
/** How long a program may take to end when the client is gone. */
const GRACE_MS = 5_000;

/** One session channel of a connection: a shell, a command or SFTP, and what was agreed on before it. */
export class SessionChannel {
  readonly #place: SshPlace;
  readonly #transport: Transport;
  readonly #env: Record<string, string> = {};
  #terminal: (TerminalSize & { term: string }) | undefined;
  #program: SessionTarget | undefined;
  #hasEnded = false;
  #closed = false;
  #onClose: () => void = () => undefined;

  constructor(session: Session, place: SshPlace, transport: Transport) {
    this.#place = place;
    this.#transport = transport;
    session.on('env', (accept, reject, { key, val }) => {
      const taken = isAccepted(key, val) && Object.keys(this.#env).length < MOST_VARIABLES;
      if (taken) this.#env[key] = val;
      reply(taken, accept, reject);
    });
    session.on('pty', (accept, reject, { term, cols, rows }) => {
      this.#terminal = { ...sizeOf(cols, rows), term: term === '' ? 'dumb' : term };
      reply(isAccepted('TERM', this.#terminal.term), accept, reject);
    });
    session.on('window-change', (accept, reject, { cols, rows }) => {
      const size = sizeOf(cols, rows);
      if (this.#terminal !== undefined) Object.assign(this.#terminal, size);
      this.#program?.resize?.(size);
      reply(this.#terminal !== undefined, accept, reject);
    });
    session.on('signal', (accept, reject, { name }) => {
      const known = NAMED.has(name);
      if (known) this.#program?.signal?.(`SIG${name}` as NodeJS.Signals);
      reply(known, accept, reject);
    });
    session.on('shell', (accept) => void this.#run(accept(), undefined));
    session.on('exec', (accept, _reject, { command }) => void this.#run(accept(), command));
    session.on('subsystem', (accept, reject, { name }) => {
      if (name === 'sftp') void this.#sftp(accept());
      else reply(false, undefined, reject);
    });
    session.on('close', () => this.close());
  }

  /** The client has closed it, or is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program?.stop(GRACE_MS);
    this.#letGo();
    this.#onClose();
  }

  /** Somebody may hold the streams of a program that has ended: they are read on for as long as the client is there. */
  #letGo(): void {
    if (this.#closed && this.#hasEnded) this.#program?.close();
  }

  // The channel is taken before anything is waited for: the client's data may follow at once.
  async #run(channel: ServerChannel | undefined, command: string | undefined): Promise<void> {
    if (channel === undefined) return;
    const record = this.#begin(channel, command ?? null);
    if (record === undefined) return;
    const output = this.#outputOf(channel, record);
    try {
      const env = this.#terminal === undefined ? this.#env : { ...this.#env, TERM: this.#terminal.term };
      const program = this.#place.start({ command, env, terminal: this.#terminal });
      this.#program = program;
      if (this.#closed) program.stop(GRACE_MS);
      await this.#serve(program, channel, output, record);
    } catch (error) {
      const detail = (error as Error).message;
      await output.write('stderr', Buffer.from(`max: ${detail}${this.#terminal === undefined ? '' : '\r'}\n`));
      finish(channel, { code: NOT_STARTED, signal: null });
      record.end({ reason: 'failed', code: null, signal: null, detail });
    }
  }

  async #serve(
    program: SessionTarget,
    channel: ServerChannel,
    output: ChannelOutput,
    record: SshRecord,
  ): Promise<void> {
    const copies = [output.copy('stdout', program.stdout)];
    if (program.stderr !== null) copies.push(output.copy('stderr', program.stderr));
    void feed(countedOf(channel, record), program.stdin);
    const { failed, ...end } = await program.ended;
    if (failed !== undefined) throw new Error(failed);
    this.#hasEnded = true;
    this.#letGo();
    await Promise.all(copies);
    program.close();
    finish(channel, end);
    record.end({ reason: 'exited', ...end });
  }

  async #sftp(channel: ServerChannel | undefined): Promise<void> {
    if (channel === undefined) return;
    const record = this.#begin(channel, 'sftp');
    if (record === undefined) return;
    const output = this.#outputOf(channel, record);
    await serveSftp(countedOf(channel, record), (bytes) => output.write('stdout', bytes), this.#place);
    finish(channel, { code: 0, signal: null });
    record.end({ reason: 'exited', code: 0, signal: null });
  }

  /** What cannot be recorded does not begin. */
  #begin(channel: ServerChannel, what: string | null): SshRecord | undefined {
    try {
      return this.#place.record(what);
    } catch (error) {
      channel.stderr.write(`max: it cannot be recorded: ${(error as Error).message}\r\n`);
      finish(channel, { code: NOT_STARTED, signal: null });
      return undefined;
    }
  }

  #outputOf(channel: ServerChannel, record: SshRecord): ChannelOutput {
    const output = new ChannelOutput(channel, this.#transport, (bytes) => record.count({ out: bytes }));
    this.#onClose = () => output.close();
    channel.on('close', () => this.close());
    // What is written to a channel that the client has closed.
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    if (this.#closed) this.#onClose();
    return output;
  }
}

function reply(good: boolean, accept: SessionAccept | undefined, reject: RejectConnection | undefined): void {
  // Where the client wants no answer there is neither.
  if (good) accept?.();
  else reject?.();
}

function sizeOf(columns: number, rows: number): TerminalSize {
  const within = (size: number, otherwise: number): number => (size === 0 ? otherwise : Math.min(size, 10_000));
  return { columns: within(columns, 80), rows: within(rows, 24) };
}

/** Tells how it ended, and closes. */
function finish(channel: ServerChannel, { code, signal }: { code: number | null; signal: string | null }): void {
  const name = signal?.slice(3) ?? '';
  if (NAMED.has(name)) channel.exit(name);
  else channel.exit(code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0));
  channel.end();
}

function countedOf(channel: ServerChannel, record: SshRecord): AsyncGenerator<Buffer> {
  return received(channel, (bytes) => record.count({ in: bytes }));
}
