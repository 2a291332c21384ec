import { readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;

/** Seconds of a processor that a process has used; Linux alone tells it so. */
export function cpuOfProcess(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
