import { PassThrough } from 'node:stream';
import { type Io, isAlive, type TerminalReadable, type TerminalWritable } from '../../../../host/src/io.ts';

/** An `Io` whose streams are read back as text. */
export interface MemoryIo {
  io: Io;
  stdin: PassThrough & TerminalReadable;
  out(): string;
  err(): string;
}

/** Makes one; nothing of the test's own process shows through. */
export function memoryIo(
  given: Partial<Pick<Io, 'env' | 'cwd' | 'home'>> & { outTTY?: number; errTTY?: number } = {},
): MemoryIo {
  const sink = (columns: number | undefined): { stream: TerminalWritable; text(): string } => {
    const stream = new PassThrough() as PassThrough & TerminalWritable;
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (columns) Object.assign(stream, { isTTY: true, columns, rows: 24 });
    return { stream, text: () => Buffer.concat(chunks).toString() };
  };
  const out = sink(given.outTTY);
  const err = sink(given.errTTY);
  const stdin = new PassThrough();
  return {
    stdin,
    io: {
      stdin,
      stdout: out.stream,
      stderr: err.stream,
      env: given.env ?? {},
      cwd: given.cwd ?? '/',
      home: given.home ?? '/nonexistent',
      platform: process.platform,
      uid: process.getuid?.() ?? -1,
      pid: process.pid,
      isAlive,
      self: [process.execPath, '/nonexistent/rig.cjs'],
      onSignal: () => () => {},
      stty: () => {},
      suspend: () => {},
      onContinue: () => () => {},
      onUncaught: () => () => {},
      onStuck: () => () => {},
      exit: (code) => {
        throw new Error(`exit ${code}`);
      },
    },
    out: out.text,
    err: err.text,
  };
}
