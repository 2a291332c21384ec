interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Events between the socket and whoever reads them: kept in order until they are taken. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  #taken = 0;
  #waiters: Array<Waiter<T>> = [];
  #ended = false;
  #failure: { error: unknown } | undefined;

  /** How many wait to be read. */
  get length(): number {
    return this.#items.length - this.#taken;
  }

  push(item: T): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve({ done: false, value: item });
  }

  /** Forgets what nobody has read. */
  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }

  /** Ends the reading after what is there. */
  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Fails the reading after what is there; only one reader is told. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const [first, ...others] = this.#waiters.splice(0);
    if (first === undefined) this.#failure = { error };
    else first.reject(error);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.length > 0) {
      const value = this.#items[this.#taken] as T;
      this.#taken += 1;
      // Shifting one by one would move the whole rest each time.
      if (this.#taken === this.#items.length || this.#taken > 1024) {
        this.#items = this.#items.slice(this.#taken);
        this.#taken = 0;
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** A reader that leaves its loop stops reading, the queue goes on. */
  return(): Promise<IteratorResult<T>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}
