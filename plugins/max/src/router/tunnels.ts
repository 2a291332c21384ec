/** The upgraded connections of a router, for the moment when Max itself goes. */
export class Tunnels {
  readonly #cuts = new Set<() => void>();
  #leaving = false;

  /** Whether Max is to end. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Keeps what cuts a connection; the function that it gives forgets it. */
  hold(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Cuts all, and with {@link leaving} those that are joined after it. */
  leave(): void {
    this.#leaving = true;
    for (const cut of [...this.#cuts]) cut();
  }
}
