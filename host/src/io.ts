import { fstatSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { ExitCode, RigError } from '@rig/plugin-api';

/** A standard output as rig sees it: terminals tell their size. */
export type TerminalWritable = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** Standard input as rig sees it. */
export type TerminalReadable = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/** All that rig takes from its process. Tests pass their own; with the shim, nothing else touches `process`. */
export interface Io {
  readonly stdin: TerminalReadable;
  readonly stdout: TerminalWritable;
  readonly stderr: TerminalWritable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder where rig was started. @throws RigError `RIG_NO_CWD` (3) where it is gone */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Numeric user id, or -1 where there is none. */
  readonly uid: number;
  /** This process's id. */
  readonly pid: number;
  /** Tells whether a process of that id runs on this machine. */
  isAlive(pid: number): boolean;
  /** `[node, rig.cjs]`: how to start rig again. */
  readonly self: readonly [string, string];
  /** Calls back on Ctrl-C, SIGTERM and SIGHUP; gives a function that stops it. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void;
  /** Changes modes of the terminal at standard input that Node.js has no call for; where `stty` is missing they stay. */
  stty(...modes: string[]): void;
  /** Stops this process, and those that were started with it, as Ctrl-Z does; returns once it is continued. */
  suspend(): void;
  /** Calls back when the process goes on after it was stopped; gives a function that stops it. */
  onContinue(listener: () => void): () => void;
  /** Calls back with what was thrown where nobody waited for it; gives a function that stops it. */
  onUncaught(listener: (error: unknown) => void): () => void;
  /** Calls back when nothing is left that could go on, and the process would end; gives a function that stops it. */
  onStuck(listener: () => void): () => void;
  /** Ends the process now: only for a second Ctrl-C and a dispose that does not end. */
  exit(code: number): never;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The home that the system knows of: without HOME (cron, a service) rig still keeps its files at their place. */
function homeOfUser(): string {
  try {
    // Loaded here alone: most runs never need it.
    return process.getBuiltinModule('node:os').homedir();
  } catch {
    return '/';
  }
}

function folderOfProcess(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new RigError({
      code: 'RIG_NO_CWD',
      message: 'the folder that you are in is gone, or closed to you',
      hint: 'go to one that is there: cd ~',
      exitCode: ExitCode.NotFound,
      cause,
    });
  }
}

let folder: Readable | undefined;
/** Standard input that is a folder: Node.js takes it for one that is empty, which would pass for all of it. */
function folderAsInput(): Readable | undefined {
  try {
    if (folder !== undefined || !fstatSync(0).isDirectory()) return folder;
  } catch {
    return undefined;
  }
  folder = new Readable({
    read() {
      this.destroy(Object.assign(new Error('it is a folder'), { code: 'EISDIR' }));
    },
  });
  return folder;
}

function listen(event: string, handler: (argument: unknown) => void): () => void {
  process.on(event, handler);
  return () => process.off(event, handler);
}

/** The real process; `shim` is the file that was started. */
export function processIo(shim: string): Io {
  const { env } = process;
  return {
    // Getters: merely touching process.stdin opens it, and most commands never read it.
    get stdin() {
      return folderAsInput() ?? process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env,
    // Only who asks for it meets the error: help and most of what is not about a folder work without one.
    get cwd() {
      return folderOfProcess();
    },
    platform: process.platform,
    home: env.HOME || env.USERPROFILE || homeOfUser(),
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
    isAlive,
    self: [process.execPath, shim],
    onSignal(listener) {
      const stops = SIGNALS.map((signal) => listen(signal, () => listener(signal)));
      return () => {
        for (const stop of stops) stop();
      };
    },
    stty(...modes) {
      const { spawnSync } = process.getBuiltinModule('node:child_process');
      spawnSync('stty', modes, { stdio: [0, 'ignore', 'ignore'], timeout: 1000 });
    },
    suspend: () => void process.kill(0, 'SIGTSTP'),
    onContinue: (listener) => listen('SIGCONT', () => listener()),
    // Rejections that nobody handles come here too.
    onUncaught: (listener) => listen('uncaughtException', listener),
    onStuck: (listener) => listen('beforeExit', () => listener()),
    exit: (code) => process.exit(code),
  };
}

/** Tells whether a process of that id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
