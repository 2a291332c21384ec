/** Those who want to be told of something. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Gives a function that takes it away again. */
  add(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells all. */
  tell(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
