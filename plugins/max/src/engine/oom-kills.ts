import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLE_MS = 1_000;
/** A kill counts for so many samples: on a busy machine the end of a large process takes its time. */
const SAMPLES = 10;

/** Where control groups tell of kills, from the mount and the group's own path. */
const GROUPS = [
  { line: /^0::(.+)$/m, mount: '/sys/fs/cgroup', file: 'memory.events' },
  { line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.+)$/m, mount: '/sys/fs/cgroup/memory', file: 'memory.oom_control' },
] as const;

/**
 * Counts how many processes the kernel ends for want of memory where a process runs: in its control group, or in the whole
 * system where the group does not tell. Nothing else tells such a SIGKILL from one that a person sends, so that what counts
 * is a kill at about the same time.
 */
export class OomKills {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #file: string | undefined;
  #counts: number[] = [];

  constructor(pid: number) {
    this.#pid = pid;
    this.#sample();
    if (this.#file !== undefined) this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** Whether there was one in the last seconds. */
  rose(): boolean {
    const now = this.#file === undefined ? undefined : read(this.#file);
    return now !== undefined && now > this.#counts[0]!;
  }

  /** Stops to look. */
  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    // What starts a program may move it to a group of its own.
    const file = counterOf(this.#pid) ?? this.#file;
    const count = file === undefined ? undefined : read(file);
    if (count === undefined) return;
    if (file !== this.#file) this.#counts = [];
    this.#file = file;
    this.#counts.push(count);
    if (this.#counts.length > SAMPLES) this.#counts.shift();
  }
}

/** The file with the counter of a process; `undefined` where the system has none. */
function counterOf(pid: number): string | undefined {
  const groups = readText(`/proc/${pid}/cgroup`);
  if (groups === undefined) return undefined;
  for (const { line, mount, file } of GROUPS) {
    const group = line.exec(groups)?.[1];
    const path = group === undefined ? undefined : join(mount, group, file);
    if (path !== undefined && read(path) !== undefined) return path;
  }
  return read('/proc/vmstat') === undefined ? undefined : '/proc/vmstat';
}

function read(path: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(readText(path) ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
