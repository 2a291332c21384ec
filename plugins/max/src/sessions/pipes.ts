import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { MARK } from '../engine/engine.ts';
import { withoutTerminals } from '../engine/open-terminals.ts';
import { signalGroup } from '../engine/process-table.ts';
import { runnable } from './find-program.ts';
import { ProgramLife, type ProgramSpec } from './program.ts';
import { openRealPipes } from './real-pipes.ts';
import { NO_SINK, sinkOf } from './sink.ts';
import { sourceOf, sourceOfText } from './source.ts';
import type { SessionTarget, TargetEnd } from './target.ts';

/**
 * Runs a program with a pipe for each stream, in a process group of its own.
 *
 * @throws Error for a person, where its folder is gone or the system starts nothing
 */
export function openPipes(spec: ProgramSpec): SessionTarget {
  const { id, argv, cwd, env } = spec;
  const { TMPDIR: tmp = tmpdir() } = env;
  if (!existsSync(cwd)) throw new Error(`the folder ${cwd} is not there any more`);
  const pipes = openRealPipes(tmp);
  // What the system says of a name depends on folders of PATH that are closed to Max; a shell looks for itself.
  const [file = '', ...args] = runnable(argv, cwd, env);
  const stdio = withoutTerminals(pipes === undefined ? ['pipe', 'pipe', 'pipe'] : ['pipe', ...pipes.fds]);
  let child: ChildProcess;
  try {
    child = spawn(file, args, { cwd, env: { ...env, [MARK]: id }, detached: true, stdio });
  } catch (error) {
    closeAll(pipes);
    throw error;
  } finally {
    for (const fd of pipes?.fds ?? []) closeSync(fd);
  }
  const { pid } = child;
  if (pid === undefined) {
    closeAll(pipes);
    return notStarted(file, child);
  }
  const stdin = child.stdin as Writable;
  const { stdout, stderr } = pipes ?? (child as ChildProcessWithoutNullStreams);
  const life = new ProgramLife(spec, pid, 'SIGTERM');
  const exited = new Promise<TargetEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    stdin: sinkOf(stdin),
    stdout: sourceOf(stdout),
    stderr: sourceOf(stderr),
    ended: life.end(exited),
    signal: (name) => {
      if (!life.over) signalGroup(pid, name);
    },
    stop: (graceMs) => life.stop(graceMs),
    close: () => {
      stdin.destroy();
      closeAll({ stdout, stderr });
    },
  };
}

function closeAll(streams: { stdout: Readable; stderr: Readable } | undefined): void {
  streams?.stdout.destroy();
  streams?.stderr.destroy();
}

/** The system starts nothing, such as for arguments that are too long. */
function notStarted(file: string, child: ChildProcess): SessionTarget {
  const ended = new Promise<TargetEnd>((resolve) => {
    child.once('error', ({ message }) =>
      resolve({ code: null, signal: null, failed: `${file} could not be started: ${message}` }),
    );
  });
  return {
    stdin: NO_SINK,
    stdout: sourceOfText(''),
    stderr: sourceOfText(''),
    ended,
    stop: () => {},
    close: () => {},
  };
}
