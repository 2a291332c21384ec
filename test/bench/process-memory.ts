import { readFileSync } from 'node:fs';

/** Peak resident memory so far of a process that runs, in MiB; `undefined` where the system does not tell it. */
export function peakOfProcess(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
