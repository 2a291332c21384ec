import { setTimeout as delay } from 'node:timers/promises';
import { processesOfFolder, signalProcess } from './process-table.ts';

const LOOK_EVERY_MS = 100;
const KILLED_WAIT_MS = 5_000;

/**
 * Ends what runs of the apps of a state folder whose database cannot tell. Gives how many processes there were.
 *
 * @param apps the folder of their data, which their environment names
 */
export async function endStrays(apps: string, graceMs: number): Promise<number> {
  const found = processesOfFolder(apps);
  for (const pid of found) signalProcess(pid, 'SIGTERM');
  const end = Date.now() + graceMs;
  for (let left = found; left.length > 0 && Date.now() < end + KILLED_WAIT_MS; left = processesOfFolder(apps)) {
    if (Date.now() >= end) for (const pid of left) signalProcess(pid, 'SIGKILL');
    await delay(LOOK_EVERY_MS);
  }
  return found.length;
}
