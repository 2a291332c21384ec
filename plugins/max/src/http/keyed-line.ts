/** Runs tasks of one key after the other, and those of different keys side by side. */
export class KeyedLine {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs a task once every earlier one of its key has ended, well or badly. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    const tail = mine.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
