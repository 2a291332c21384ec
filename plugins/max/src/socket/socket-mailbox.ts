/** One entry of a mailbox; a promise keeps everything behind it waiting. An entry must not throw. */
export type Entry = () => undefined | Promise<void>;

/**
 * The one line in which a socket handles what comes in and what goes out. Entries pass at once, but while a join is
 * being decided all of them wait; then they go first, and the channels' own work after them.
 */
export class SocketMailbox {
  #waiting: Entry[] = [];
  #afterwards: Array<() => void> = [];
  #busy = false;
  #draining = false;
  #entering = false;
  #closed = false;

  /** Runs an entry now, or in its turn. */
  enter(entry: () => void): void {
    if (this.#closed) return;
    if (this.#busy || this.#draining)
      this.#waiting.push(() => {
        entry();
      });
    else entry();
  }

  /** Runs an entry now, or in its turn; nothing overtakes it, neither while its promise is open nor by its own doing. */
  enterExclusively(entry: Entry): void {
    if (this.#closed) return;
    if (this.#busy || this.#draining) this.#waiting.push(entry);
    else this.#hold(entry);
  }

  /** Runs a piece of a channel's work: now, or when what waits here has been handled. */
  schedule(work: () => void): void {
    if (this.#draining || this.#entering) this.#afterwards.push(work);
    else work();
  }

  /** Runs a piece of work as soon as the present entry, and what waits behind it, has been handled. */
  afterwards(work: () => void): void {
    this.#afterwards.push(work);
  }

  /** Drops what waits and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#afterwards = [];
  }

  #hold(entry: Entry): boolean {
    this.#busy = true;
    this.#entering = true;
    const work = entry();
    this.#entering = false;
    if (work instanceof Promise) {
      void work.finally(() => this.#release());
      return true;
    }
    this.#release();
    return false;
  }

  #release(): void {
    this.#busy = false;
    if (this.#draining) return;
    this.#draining = true;
    let held = false;
    let done = 0;
    while (!held && done < this.#waiting.length) {
      held = this.#hold(this.#waiting[done] as Entry);
      done += 1;
    }
    this.#waiting = this.#waiting.slice(done);
    this.#draining = false;
    const work = this.#afterwards;
    this.#afterwards = [];
    for (const piece of work) piece();
  }
}
