import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { MARK } from '../../engine/engine.ts';

/** Who packs, and what ends it early. */
export interface ArchiveContext {
  /** Marks the process, so that a Max that comes after a crash ends it. */
  buildId: string;
  env: Record<string, string>;
  signal: AbortSignal;
}

/** What identifies the content of an archive. */
export interface ArchiveDigest {
  /** SHA-256 in lower case hex. */
  digest: string;
  bytes: number;
}

/** The archive would be larger than it may be. */
export class ArchiveTooLarge extends Error {}

/**
 * Packs paths of a folder into one new file. One file and not a copy of the tree: it is written and read in one sweep, checked
 * by one digest, and shares nothing with the folder that it was made from.
 *
 * @throws ArchiveTooLarge; Error that says why it could not be written
 */
export async function packArchive(
  file: string,
  from: { root: string; paths: readonly string[]; maxBytes: number },
  context: ArchiveContext,
): Promise<ArchiveDigest> {
  const tar = startTar(['-cf', '-', '--', ...from.paths], from.root, context);
  const meter = new Meter();
  const bounded = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      if (meter.take(piece) > from.maxBytes) throw new ArchiveTooLarge();
      yield piece;
    }
  };
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  await settle(tar, () => pipeline(tar.stdout, bounded, target, { signal: context.signal }));
  return meter.result();
}

/**
 * Unpacks an archive into a folder; gives `false` where it is not the one that its digest names: nothing of it may be used then.
 *
 * @throws Error that says why it could not be read or written
 */
export async function unpackArchive(
  file: string,
  { root, digest }: { root: string; digest: string },
  context: ArchiveContext,
): Promise<boolean> {
  const tar = startTar(['-xpf', '-', '--no-same-owner'], root, context);
  const meter = new Meter();
  await settle(tar, async () => {
    for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      meter.take(piece as Buffer);
      await feed(tar.stdin, piece as Buffer, context.signal);
    }
    tar.stdin.end();
  });
  return meter.result().digest === digest;
}

/** Writes a piece, and nothing to a program that has seen the end of the archive and reads no further. */
async function feed(stdin: Writable, piece: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!stdin.writable || stdin.write(piece)) return;
  // A program that ends takes its pipe along, which is closed then, with an error or without.
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close'] as const) stdin.off(event, settle);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    for (const event of ['drain', 'close'] as const) stdin.on(event, settle);
    signal.addEventListener('abort', settle);
    if (stdin.destroyed) settle();
  });
  signal.throwIfAborted();
}

class Meter {
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  take(piece: Buffer): number {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    return this.#bytes;
  }

  result(): ArchiveDigest {
    return { digest: this.#hash.digest('hex'), bytes: this.#bytes };
  }
}

type Tar = ReturnType<typeof startTar>;

function startTar(args: string[], cwd: string, { buildId, env }: ArchiveContext) {
  const tar = execa('tar', args, {
    cwd,
    env: { ...env, [MARK]: buildId },
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    reject: false,
    encoding: 'buffer',
  });
  // Why it ended is in its result.
  tar.stdin.on('error', () => undefined);
  return tar;
}

/** Waits for the bytes and for the program, whichever of them fails. */
async function settle(tar: Tar, flow: () => Promise<void>): Promise<void> {
  const [flowed, result] = await Promise.all([
    flow().then(
      () => undefined,
      (error: Error) => {
        tar.kill('SIGKILL');
        return error;
      },
    ),
    tar,
  ]);
  // A pipe that breaks says less than why the program ended.
  if (flowed !== undefined && (flowed as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw flowed;
  if (result.code === 'ENOENT') throw new Error('there is no program tar on the PATH that Max was started with');
  if (result.failed) throw new Error(`tar ended with ${result.signal ?? `exit code ${result.exitCode}`}`);
  if (flowed !== undefined) throw flowed;
}
