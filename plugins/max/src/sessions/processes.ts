import { setTimeout as delay } from 'node:timers/promises';
import { processesOf, signalProcess } from '../engine/process-table.ts';

const KILLED_WAIT_MS = 5_000;
/** A shell that a hang-up strikes just before it reads waits on for a key: it is hung up once more. */
const HANG_UP_AGAIN_MS = 1_000;

/** How processes are ended. */
export interface EndOptions {
  /** What asks them to. */
  signal: NodeJS.Signals;
  /** After so long they are killed. */
  graceMs: number;
  /** Whether the leader is known to run, though it may be so new that it has neither its session nor its mark yet. */
  isLeading?(): boolean;
}

/** Ends what runs of a session: its leader's processes, and what bears its mark though it went elsewhere. */
export async function endProcesses(
  id: string | undefined,
  leader: number | undefined,
  { signal, graceMs, isLeading = () => false }: EndOptions,
): Promise<void> {
  const find = (): number[] => {
    const found = processesOf(id, leader);
    return leader !== undefined && isLeading() && !found.includes(leader) ? [leader, ...found] : found;
  };
  let left = find();
  if (left.length === 0) return;
  const deadline = Date.now() + graceMs;
  for (const pid of left) signalProcess(pid, signal);
  // One that was stopped hears of nothing but this.
  if (signal !== 'SIGKILL') for (const pid of left) signalProcess(pid, 'SIGCONT');
  let killed = signal === 'SIGKILL';
  let again = signal === 'SIGHUP' ? Date.now() + HANG_UP_AGAIN_MS : Number.POSITIVE_INFINITY;
  for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
    await delay(pause);
    left = find();
    if (left.length === 0 || Date.now() > deadline + KILLED_WAIT_MS) return;
    killed ||= Date.now() >= deadline;
    if (killed) for (const pid of left) signalProcess(pid, 'SIGKILL');
    else if (leader !== undefined && left.includes(leader) && Date.now() >= again) {
      signalProcess(leader, signal);
      // Some take another for the wish that they save nothing.
      again = Number.POSITIVE_INFINITY;
    }
  }
}
