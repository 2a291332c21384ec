import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { TerminalSize } from '@rig/plugin-api/max';
import { MARK } from '../engine/engine.ts';
import { closingTerminals, noteTerminal } from '../engine/open-terminals.ts';
import { foregroundGroupOf, signalGroup } from '../engine/process-table.ts';
import { ProgramLife, type ProgramSpec } from './program.ts';
import { ptyBinding } from './pty-binding.ts';
import { PtySink } from './pty-sink.ts';
import { ptySource } from './pty-source.ts';
import type { SessionTarget, TargetEnd } from './target.ts';

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/**
 * Runs a program on a terminal of its own, as the leader of its session.
 *
 * @throws Error for a person, where there are no terminals
 */
export function openPty(spec: ProgramSpec, size: TerminalSize): SessionTarget {
  const { id, argv, cwd, env } = spec;
  const { pty, helper } = ptyBinding();
  const [file, ...args] = closingTerminals(argv);
  const lines = Object.entries({ ...env, PWD: cwd, [MARK]: id }).map(([name, value]) => `${name}=${value}`);
  let exit!: (end: TargetEnd) => void;
  const exited = new Promise<TargetEnd>((resolve) => {
    exit = resolve;
  });
  const { columns, rows } = size;
  const { fd, pid } = pty.fork(file, args, lines, cwd, columns, rows, -1, -1, false, helper, (code, signal) =>
    exit(signal > 0 ? { code: null, signal: SIGNAL_NAMES.get(signal) ?? `SIG${signal}` } : { code, signal: null }),
  );
  const life = new ProgramLife(spec, pid, 'SIGHUP');
  const reader = new ReadStream(fd);
  // Its number may be another file's as soon as it is closed, which is before that is told.
  const isOpen = (): boolean => !reader.destroyed;
  const stdin = new PtySink(fd, isOpen);
  const forget = noteTerminal(fd);
  reader.once('close', () => {
    forget();
    stdin.close();
  });
  return {
    stdin,
    stdout: ptySource(reader, fd),
    stderr: null,
    ended: life.end(exited),
    resize: ({ columns, rows }) => {
      if (isOpen()) pty.resize(fd, columns, rows);
    },
    signal: (name) => {
      if (!life.over) signalGroup(foregroundGroupOf(pid) ?? pid, name);
    },
    stop: (graceMs) => life.stop(graceMs),
    close: () => reader.destroy(),
  };
}
