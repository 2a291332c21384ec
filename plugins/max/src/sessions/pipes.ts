import { type ChildProcess, type ChildProcessWithoutNullStreams, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { MARK } from '../engine/engine.ts';
import { signalGroup } from '../engine/process-table.ts';
import { ProgramLife, type ProgramSpec } from './program.ts';
import { openRealPipes } from './real-pipes.ts';
import { NO_SINK, sinkOf } from './sink.ts';
import { sourceOf, sourceOfText } from './source.ts';
import type { SessionTarget, TargetEnd } from './target.ts';

/** Exit codes that shells give where a program cannot be run. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

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
  const [file, ...args] = argv;
  const stdio: StdioOptions = pipes === undefined ? 'pipe' : ['pipe', ...pipes.fds];
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

/** Says what a shell would say, with its exit code. */
function notStarted(file: string, child: ChildProcess): SessionTarget {
  let said = '';
  const ended = new Promise<TargetEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') said = `max: ${file}: no such program in PATH or in the app's folder\n`;
      else if (error.code === 'EACCES') said = `max: ${file}: is not executable\n`;
      else return resolve({ code: null, signal: null, failed: `${file} could not be started: ${error.message}` });
      resolve({ code: error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE, signal: null });
    });
  });
  return {
    stdin: NO_SINK,
    stdout: sourceOfText(''),
    stderr: {
      ...sourceOfText(''),
      start: (onData, onEnd) => void ended.then(() => sourceOfText(said).start(onData, onEnd)),
    },
    ended,
    stop: () => {},
    close: () => {},
  };
}
