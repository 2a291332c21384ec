import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** What `/proc/PID/stat` tells of a process. */
export interface ProcStat {
  session: number;
  /** Ticks of the processor that it has used, and that its children have which it waited for. */
  ticks: number;
  childTicks: number;
  /** Ticks from the start of the system to its own. */
  startTime: number;
  /** Pages of memory. */
  pages: number;
}

/** Ticks of a second: the kernel tells times in these whatever its own clock (USER_HZ). */
export const TICKS_A_SECOND = 100;

const SPACE = 0x20;
const CLOSING = 0x29;
const MINUS = 0x2d;

/** Longer than any: the name has at most 64 bytes, and there are 52 numbers. */
const buffer = Buffer.allocUnsafe(2048);
/** Its numbers, by their place in proc(5) less two: pid and name are left out, and the state is no number. */
const fields = new Float64Array(52);

/** Reads a process's figures; `undefined` when it has ended. */
export function readProcStat(pid: number): ProcStat | undefined {
  let file: number;
  try {
    file = openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return undefined;
  }
  try {
    readFields(readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
  return {
    session: fields[3]!,
    ticks: fields[11]! + fields[12]!,
    childTicks: fields[13]! + fields[14]!,
    startTime: fields[19]!,
    pages: Math.max(0, fields[21]!),
  };
}

/** By hand, as this is read of each process each second. */
function readFields(length: number): void {
  // The name in parentheses may itself hold parentheses and spaces.
  let at = buffer.lastIndexOf(CLOSING, length - 1) + 2;
  for (let field = 0; field < 22; field += 1) {
    let value = 0;
    let sign = 1;
    for (; at < length && buffer[at] !== SPACE; at += 1) {
      if (buffer[at] === MINUS) sign = -1;
      else value = value * 10 + (buffer[at]! - 0x30);
    }
    fields[field] = sign * value;
    at += 1;
  }
}

let known: number | undefined;

/** Bytes of a page of memory. */
export function pageBytes(): number {
  known ??= readPageBytes();
  return known;
}

function readPageBytes(): number {
  try {
    const kilobytes = /^KernelPageSize: +(\d+) kB$/m.exec(readFileSync('/proc/self/smaps', 'latin1'))?.[1];
    return kilobytes === undefined ? 4096 : Number(kilobytes) * 1024;
  } catch {
    return 4096;
  }
}
