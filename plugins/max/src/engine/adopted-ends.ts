import type { ProcessRecord } from './engine.ts';
import { identityOf, runs } from './process-table.ts';

const LOOK_MS = 500;
/** Each so many looks it is made sure that the number is still of the same process. */
const SURE_LOOKS = 10;

/** A process whose end is waited for. */
interface Adopted {
  record: ProcessRecord;
  ended(): void;
}

/** Ends of processes that are not Max's children: nobody tells of them, so that all are looked at together. */
export class AdoptedEnds {
  readonly #adopted = new Set<Adopted>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  /** Resolves once the process has ended. */
  endOf(record: ProcessRecord): Promise<void> {
    return new Promise((ended) => {
      this.#adopted.add({ record, ended });
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    });
  }

  #look(): void {
    this.#looks += 1;
    for (const adopted of this.#adopted) {
      const { pid, identity } = adopted.record;
      if (runs(pid) && (pid + this.#looks) % SURE_LOOKS !== 0) continue;
      if (identityOf(pid) === identity) continue;
      this.#adopted.delete(adopted);
      adopted.ended();
    }
    if (this.#adopted.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
