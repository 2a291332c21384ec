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

/** Where control groups are looked for anew: a program that starts is often moved to one of its own, later hardly any is. */
const FIRST_LOOKS = 10;
const LATER_LOOKS = 10;

/** What is known of the kills where one process runs. */
export interface OomKillsOf {
  /** Whether there was one in the last seconds. */
  rose(): boolean;
  /** Looks no more. */
  close(): void;
}

/** A process that is looked at. */
interface Watched {
  pid: number;
  looks: number;
  file: string | undefined;
  counts: number[];
}

/**
 * Counts how many processes the kernel ends for want of memory where a process runs: in its control group, or in the whole
 * system where the group does not tell. Nothing else tells such a SIGKILL from one that a person sends, so that what counts
 * is a kill at about the same time. A counter is read once a second, however many processes it is of.
 */
export class OomKills {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** Begins to look where a process runs. */
  of(pid: number): OomKillsOf {
    const watched: Watched = { pid, looks: 0, file: undefined, counts: [] };
    sample(watched, new Map());
    if (watched.file !== undefined) {
      this.#watched.add(watched);
      this.#timer ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
    }
    return { rose: () => rose(watched), close: () => this.#close(watched) };
  }

  #sample(): void {
    const counts: Counts = new Map();
    for (const watched of this.#watched) sample(watched, counts);
  }

  #close(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** What was read in one look, by the file. */
type Counts = Map<string, number | undefined>;

function sample(watched: Watched, counts: Counts): void {
  const { pid, looks } = watched;
  watched.looks += 1;
  const isDue = looks < FIRST_LOOKS || (looks + pid) % LATER_LOOKS === 0;
  const file = (isDue ? counterOf(pid, counts) : undefined) ?? watched.file;
  const count = file === undefined ? undefined : readOnce(file, counts);
  if (count === undefined) return;
  if (file !== watched.file) watched.counts = [];
  watched.file = file;
  watched.counts.push(count);
  if (watched.counts.length > SAMPLES) watched.counts.shift();
}

function rose({ file, counts }: Watched): boolean {
  const now = file === undefined ? undefined : read(file);
  return now !== undefined && now > counts[0]!;
}

/** The file with the counter of a process; `undefined` where the system has none. */
function counterOf(pid: number, counts: Counts): string | undefined {
  const groups = readText(`/proc/${pid}/cgroup`);
  if (groups === undefined) return undefined;
  for (const { line, mount, file } of GROUPS) {
    const group = line.exec(groups)?.[1];
    const path = group === undefined ? undefined : join(mount, group, file);
    if (path !== undefined && readOnce(path, counts) !== undefined) return path;
  }
  return readOnce('/proc/vmstat', counts) === undefined ? undefined : '/proc/vmstat';
}

function readOnce(path: string, counts: Counts): number | undefined {
  if (!counts.has(path)) counts.set(path, read(path));
  return counts.get(path);
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
