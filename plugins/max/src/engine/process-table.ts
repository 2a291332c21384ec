import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { MARK } from './engine.ts';

const linux = process.platform === 'linux';
let bootId: string | undefined;

/** What the system tells of a process. */
interface ProcessState {
  /** Differs between two processes that had the same number one after the other. */
  identity: string;
  session: number;
}

/** Names a running process for good: when it started, in which run of the system; `undefined` when it has ended. */
export function identityOf(pid: number): string | undefined {
  return linux ? readProcess(pid)?.identity : psIdentity(pid);
}

/**
 * Whether a process of that number runs: far cheaper than {@link identityOf}, and blind where the number is another's by now.
 * One that the system does not let look at counts as one that does not.
 */
export function runs(pid: number): boolean {
  try {
    // One that has ended and is not waited for has no program any more.
    if (linux) readlinkSync(`/proc/${pid}/exe`);
    else process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Every process of an instance: its session, and what bears its mark though it went into a session of its own. Without an id
 * the session alone; of several ids in one look.
 */
export function processesOf(id: string | readonly string[] | undefined, leader?: number): number[] {
  const ids = typeof id === 'string' ? [id] : (id ?? []);
  const marks = new Set(ids.map((each) => `${MARK}=${each}`));
  return linux ? scanProc(marks, leader) : scanPs(marks, leader);
}

/** Every process of an instance whose home or temporary folder lies below a folder; none where the system does not tell. */
export function processesOfFolder(folder: string): number[] {
  if (!linux) return [];
  const below = (line: string): boolean => line.startsWith(`HOME=${folder}/`) || line.startsWith(`TMPDIR=${folder}/`);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && readProcess(pid) !== undefined)
    .filter((pid) => {
      const lines = environ(pid);
      return lines.some((line) => line.startsWith(`${MARK}=`)) && lines.some(below);
    });
}

/** Sends a signal to a whole process group; `false` when nobody is in it. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  return send(-pgid, signal);
}

/** Sends a signal to one process; `false` when it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return send(pid, signal);
}

/** The process group that a terminal's input goes to, by the leader of the terminal's session; `undefined` where it is gone. */
export function foregroundGroupOf(leader: number): number | undefined {
  const [, , , session, , foreground] = (linux ? statOf(leader) : undefined) ?? [];
  // One that has only been forked still has the terminal of Max itself.
  if (linux && Number(session) !== leader) return undefined;
  const group = linux ? Number(foreground) : Number(ps(['-o', 'tpgid=', '-p', String(leader)]));
  return group > 0 ? group : undefined;
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // Without the right to signal it there is a process, but none of ours.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH' || (error as NodeJS.ErrnoException).code === 'EPERM')
      return false;
    throw error;
  }
}

/** What stands after the name of a process: its state, parent, group, session, terminal, foreground group, … */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself hold parentheses and spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function readProcess(pid: number): ProcessState | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  const state = fields[0];
  if (state === 'Z' || state === 'X') return undefined;
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { identity: `${bootId}:${fields[19]}`, session: Number(fields[3]) };
}

function scanProc(marks: ReadonlySet<string>, leader: number | undefined): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const state = readProcess(pid);
    if (state === undefined) continue;
    const isMarked = (): boolean => marks.size > 0 && environ(pid).some((line) => marks.has(line));
    if ((leader !== undefined && state.session === leader) || isMarked()) found.push(pid);
  }
  return found;
}

function environ(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function psIdentity(pid: number): string | undefined {
  const line = ps(['-o', 'stat=,lstart=', '-p', String(pid)]).trim();
  if (line === '' || line.startsWith('Z')) return undefined;
  return line.slice(line.indexOf(' ')).trim();
}

function scanPs(marks: ReadonlySet<string>, leader: number | undefined): number[] {
  return ps(['-A', '-E', '-ww', '-o', 'pid=,pgid=,command='])
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .filter((match) => Number(match[2]) === leader || match[3]!.split(' ').some((word) => marks.has(word)))
    .map((match) => Number(match[1]))
    .filter((pid) => pid !== process.pid);
}

function ps(args: string[]): string {
  try {
    return execFileSync('ps', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
    });
  } catch {
    return '';
  }
}
