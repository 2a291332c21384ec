import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connectLoopback, describeRefusal, duplexTarget } from '../sessions/forward.ts';
import { openPipes } from '../sessions/pipes.ts';
import type { SessionPlace } from '../sessions/place.ts';
import { endProcesses } from '../sessions/processes.ts';
import { openPty } from '../sessions/pty.ts';
import { shellProgram } from '../sessions/shell-program.ts';
import type { SessionTarget, TargetEnd } from '../sessions/target.ts';
import type { AuditLine } from '../store/audit.ts';
import { duplexPair } from './duplex-pair.ts';
import type { ProgramRequest, SshPlace, SshRecord } from './place.ts';
import type { SshHost } from './ssh-host.ts';

/** What a session of the kind `ssh` is made from. */
export interface SshTargetSpec {
  /** The session's id. */
  id: string;
  place: SessionPlace;
  /** The folder of the session's own. */
  folder: string;
  /** The environment of the app's programs. */
  env: Readonly<Record<string, string>>;
  /** Writes into the audit what is begun within the connection. */
  record(what: string | null): AuditLine;
}

/** How long what is left of a connection may take to end, where nobody has said it. */
const LEFT_BEHIND_MS = 1_000;

/** Serves SSH in a session: its bytes are those of the connection, and its end that of all that was started in it. */
export function openSsh(host: SshHost, spec: SshTargetSpec): SessionTarget {
  const [session, server] = duplexPair();
  let graceMs = LEFT_BEHIND_MS;
  const end = async (): Promise<TargetEnd> => {
    const failed = await host.serve(server, placeOf(spec)).catch((error: Error) => error.message);
    server.destroy();
    await endProcesses(spec.id, undefined, { signal: 'SIGHUP', graceMs });
    return failed === undefined ? { code: 0, signal: null } : { code: null, signal: null, failed };
  };
  const ended = end();
  return {
    ...duplexTarget(session, ({ message }) => message),
    ended,
    stop: (ms) => {
      graceMs = ms;
      session.destroy();
    },
  };
}

function placeOf({ id, place, folder, env, record }: SshTargetSpec): SshPlace {
  return {
    folder: place.cwd,
    home: env.HOME ?? place.cwd,
    start: (request) => {
      const { argv, env: own } = programOf(request, env, folder);
      const program = { id, argv, cwd: place.cwd, env: own, isPart: true };
      return request.terminal === undefined ? openPipes(program) : openPty(program, request.terminal);
    },
    connect: (port) => connected(port),
    record: (what) => recordOf(record(what === null ? null : place.blot(what))),
  };
}

/** The shell that `rig shell` opens, or what it is to run. */
function programOf(
  { command, env: set, terminal }: ProgramRequest,
  env: Readonly<Record<string, string>>,
  folder: string,
): { argv: [string, ...string[]]; env: Record<string, string> } {
  const shell = shellProgram(env, folder);
  const own = { ...shell.env, ...set };
  if (command !== undefined) return { argv: [shell.argv[0], '-c', command], env: own };
  return { argv: terminal === undefined ? [shell.argv[0]] : shell.argv, env: own };
}

async function connected(port: number): Promise<Socket> {
  const socket = connectLoopback(port);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new Error(describeRefusal(port, error as NodeJS.ErrnoException));
  }
  return socket;
}

function recordOf(line: AuditLine): SshRecord {
  const began = performance.now();
  const bytes = { in: 0, out: 0 };
  let isOpen = true;
  return {
    count: (more) => {
      bytes.in += more.in ?? 0;
      bytes.out += more.out ?? 0;
    },
    end: (end) => {
      if (!isOpen) return;
      isOpen = false;
      line.end({ ...end, durationMs: Math.round(performance.now() - began) }, bytes);
    },
  };
}
