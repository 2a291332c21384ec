import { execFile } from 'node:child_process';
import type { Leader, Usage, UsageMeter } from './usage.ts';

/** How long `ps` may take. */
const TIMEOUT_MS = 5_000;

/** A process as `ps` has it. */
interface Line {
  pid: number;
  group: number;
  memoryBytes: number;
  cpuSeconds: number;
}

/**
 * Looks at the output of `ps`, where there is no `/proc`: processes of an instance's group count. Of sockets `ps` tells
 * nothing, and of what ended children had used neither.
 */
export class PsUsage implements UsageMeter {
  /** What each process had used at the look before. */
  #before = new Map<number, number>();
  #looked = false;

  async look(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>> {
    const owners = new Map(leaders.map(({ pid, id }) => [pid, id]));
    const usages = new Map<string, Usage>();
    const used = new Map<number, number>();
    const lines = await processes();
    // Without an answer the next look goes on from the one before.
    if (lines === undefined) return usages;
    for (const { pid, group, memoryBytes, cpuSeconds } of lines) {
      const owner = owners.get(group);
      if (owner === undefined) continue;
      used.set(pid, cpuSeconds);
      const before = this.#before.get(pid) ?? (this.#looked ? 0 : cpuSeconds);
      const usage = usages.get(owner) ?? { cpuSeconds: 0, memoryBytes: 0, sockets: 0 };
      usage.cpuSeconds += Math.max(0, cpuSeconds - before);
      usage.memoryBytes += memoryBytes;
      usages.set(owner, usage);
    }
    this.#before = used;
    this.#looked = true;
    return usages;
  }
}

/** What `ps` tells; `undefined` where it failed, or took too long. */
function processes(): Promise<Line[] | undefined> {
  const args = ['-A', '-o', 'pid=,pgid=,rss=,time='];
  const options = { timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024, env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } };
  return new Promise((resolve) => {
    execFile('ps', args, options, (error, stdout) => {
      resolve(error === null ? stdout.split('\n').flatMap((line) => readPsLine(line) ?? []) : undefined);
    });
  });
}

/** Reads `PID PGID RSS TIME`, where the time is `[[DAYS-]HOURS:]MINUTES:SECONDS`; `undefined` for any other line. */
export function readPsLine(line: string): Line | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?([\d:]+(?:\.\d+)?)\s*$/.exec(line);
  if (match === null) return undefined;
  const [, pid, group, kilobytes, days = 0, time = ''] = match;
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return {
    pid: Number(pid),
    group: Number(group),
    memoryBytes: Number(kilobytes) * 1024,
    cpuSeconds: Number(days) * 86_400 + seconds,
  };
}
