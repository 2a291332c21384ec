import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { MARK } from './engine.ts';
import { type ProcStat, pageBytes, readProcStat, TICKS_A_SECOND } from './proc-stat.ts';
import { SocketCounter } from './socket-counter.ts';
import type { Leader, Usage, UsageMeter } from './usage.ts';

/** Processes that are looked at before Max turns to its requests again. */
const AT_ONCE = 64;
/** A process of none of them is looked at again after so many looks: its number may be another's by then. */
const STRANGER_LOOKS = 10;
/** Sockets are looked at each so many looks: to find them costs the most. */
const SOCKET_LOOKS = 5;

/** A process that was seen before. */
interface Known {
  startTime: number;
  /** The id of its instance, or of another Max's; `undefined` for a stranger. */
  owner: string | undefined;
  ticks: number;
  childTicks: number;
  sockets: number;
  /** The look that saw it last. */
  seen: number;
}

/** What is added up of an instance in one look. */
interface Sum {
  /** Ticks that its processes have used since the look before. */
  own: number;
  /** Ticks that came to them from children that they waited for. */
  ofChildren: number;
  /** What was known of processes that are gone, which those have brought along. */
  gone: number;
  memoryBytes: number;
  sockets: number;
}

/** Looks at `/proc`, once for all instances: each process belongs to the instance whose session or mark it has. */
export class ProcUsage implements UsageMeter {
  readonly #known = new Map<number, Known>();
  readonly #sockets = new SocketCounter();
  #looks = 0;
  /** What ended children had used that has not come to their parents yet, by instance. */
  #debts = new Map<string, number>();
  /** When the look before began, in ticks since the start of the system. */
  #lookedAt = Number.POSITIVE_INFINITY;

  async look(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>> {
    this.#looks += 1;
    const began = Math.floor(uptime() * TICKS_A_SECOND);
    const owners = new Map(leaders.map(({ pid, id }) => [pid, id]));
    const asked = new Set(leaders.map(({ id }) => id));
    const sums = new Map<string, Sum>();
    const found: number[] = [];
    let looked = 0;
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const known = this.#known.get(pid);
      const strange = known !== undefined && (known.owner === undefined || !asked.has(known.owner));
      if (strange && (pid + this.#looks) % STRANGER_LOOKS !== 0) {
        known.seen = this.#looks;
        continue;
      }
      const stat = readProcStat(pid);
      if (stat === undefined) continue;
      const met = this.#meet(pid, known, stat, owners);
      if (met.owner !== undefined && asked.has(met.owner)) {
        add(met, stat, sumOf(sums, met.owner));
        found.push(pid);
      }
      looked += 1;
      if (looked % AT_ONCE === 0) await turn();
    }
    this.#forget(sums);
    this.#lookedAt = began;
    await this.#countSockets(found, sums);
    const usages = new Map<string, Usage>();
    const debts = new Map<string, number>();
    for (const [id, sum] of sums) {
      // A child may end between its parent's turn and its own: its time reaches the parent's only at the next look.
      const due = sum.gone + (this.#debts.get(id) ?? 0);
      usages.set(id, usageOf(sum, due));
      debts.set(id, Math.min(sum.gone, Math.max(0, due - sum.ofChildren)));
    }
    this.#debts = debts;
    return usages;
  }

  /** What is known of a process; one that has the number of another begins anew. */
  #meet(pid: number, before: Known | undefined, stat: ProcStat, owners: Map<number, string>): Known {
    const { startTime } = stat;
    if (before?.startTime === startTime) {
      before.seen = this.#looks;
      return before;
    }
    // What is older than the last look was used before anybody looked: by the apps of an earlier Max.
    const fresh = startTime >= this.#lookedAt;
    const known: Known = {
      startTime,
      owner: owners.get(stat.session) ?? markOf(pid),
      ticks: fresh ? 0 : stat.ticks,
      childTicks: fresh ? 0 : stat.childTicks,
      sockets: 0,
      seen: this.#looks,
    };
    this.#known.set(pid, known);
    return known;
  }

  /** Forgets processes that have ended; what they had used is their parent's by now, if it has waited for them. */
  #forget(sums: Map<string, Sum>): void {
    for (const [pid, { seen, owner, ticks, childTicks }] of this.#known) {
      if (seen === this.#looks) continue;
      this.#known.delete(pid);
      if (owner !== undefined && sums.has(owner)) sums.get(owner)!.gone += ticks + childTicks;
    }
  }

  async #countSockets(pids: readonly number[], sums: Map<string, Sum>): Promise<void> {
    if (this.#looks % SOCKET_LOOKS === 1) {
      const counts = await this.#sockets.count(pids);
      for (const [pid, count] of counts) this.#known.get(pid)!.sockets = count;
    }
    for (const pid of pids) {
      const { owner, sockets } = this.#known.get(pid)!;
      sumOf(sums, owner!).sockets += sockets;
    }
  }
}

/** Adds what a process has used since it was added before, and what it has now. */
function add(known: Known, stat: ProcStat, sum: Sum): void {
  sum.own += stat.ticks - known.ticks;
  sum.ofChildren += stat.childTicks - known.childTicks;
  sum.memoryBytes += stat.pages * pageBytes();
  known.ticks = stat.ticks;
  known.childTicks = stat.childTicks;
}

function sumOf(sums: Map<string, Sum>, id: string): Sum {
  let sum = sums.get(id);
  if (sum === undefined) {
    sum = { own: 0, ofChildren: 0, gone: 0, memoryBytes: 0, sockets: 0 };
    sums.set(id, sum);
  }
  return sum;
}

/** @param due what children that have ended had used when they were seen last: it came with them to their parent */
function usageOf({ own, ofChildren, memoryBytes, sockets }: Sum, due: number): Usage {
  const ticks = own + Math.max(0, ofChildren - due);
  return { cpuSeconds: ticks / TICKS_A_SECOND, memoryBytes, sockets };
}

/** The instance or build that a process bears the mark of; a process keeps its own whatever it starts. */
function markOf(pid: number): string | undefined {
  try {
    const text = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const at = text.indexOf(`\0${MARK}=`);
    return at === -1 ? undefined : text.slice(at + MARK.length + 2).split('\0', 1)[0];
  } catch {
    return undefined;
  }
}
