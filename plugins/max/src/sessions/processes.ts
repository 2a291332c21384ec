import { setTimeout as delay } from 'node:timers/promises';
import { processesOf, signalProcess } from '../engine/process-table.ts';

const KILLED_WAIT_MS = 5_000;
/** A shell that a hang-up strikes just before it reads waits on for a key: it is hung up again. */
const HANG_UP_AGAIN_MS = 1_000;

/**
 * Ends what runs of a session: its leader's processes, and what bears its mark though it went elsewhere. Asks by `signal`,
 * and insists after `graceMs`.
 */
export async function endProcesses(
  id: string | undefined,
  leader: number | undefined,
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<void> {
  let left = processesOf(id, leader);
  if (left.length === 0) return;
  const deadline = Date.now() + graceMs;
  for (const pid of left) signalProcess(pid, signal);
  // One that was stopped hears of nothing but this.
  if (signal !== 'SIGKILL') for (const pid of left) signalProcess(pid, 'SIGCONT');
  let killed = signal === 'SIGKILL';
  let again = Date.now() + HANG_UP_AGAIN_MS;
  for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
    await delay(pause);
    left = processesOf(id, leader);
    if (left.length === 0 || Date.now() > deadline + KILLED_WAIT_MS) return;
    killed ||= Date.now() >= deadline;
    if (killed) for (const pid of left) signalProcess(pid, 'SIGKILL');
    else if (signal === 'SIGHUP' && leader !== undefined && left.includes(leader) && Date.now() >= again) {
      signalProcess(leader, signal);
      again = Date.now() + HANG_UP_AGAIN_MS;
    }
  }
}
