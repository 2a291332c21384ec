import { readFileSync } from 'node:fs';

/** Peak resident memory so far of a process that runs, in MiB; `undefined` where the system does not tell it. */
export const peakOfProcess = (pid: number): number | undefined => memoryOf(pid, 'VmHWM');

/** Resident memory now of a process that runs, in MiB; `undefined` where the system does not tell it. */
export const residentOfProcess = (pid: number): number | undefined => memoryOf(pid, 'VmRSS');

function memoryOf(pid: number, field: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
