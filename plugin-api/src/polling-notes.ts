/** Says once each what a person has to know of how Max is asked. */
export class PollingNotes {
  readonly #note: (text: string) => void;
  #polling = false;
  #silent = false;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Max answers by HTTP; its socket delivers, has failed, or is on its way yet. */
  answered(socket: { readonly isLive: boolean; readonly hasFailed: boolean }): void {
    if (this.#silent) this.#note('Max answers again');
    this.#silent = false;
    if (socket.isLive) this.delivers();
    else if (socket.hasFailed && !this.#polling) {
      this.#polling = true;
      this.#note('Asking Max by HTTP until its socket delivers again');
    }
  }

  /** Its socket delivers. */
  delivers(): void {
    if (this.#polling) this.#note('The socket of Max delivers: no longer asking by HTTP');
    this.#polling = false;
  }

  /** It does not even answer by HTTP. */
  silent(error: unknown): void {
    if (!this.#silent) this.#note(`Max does not answer, what is shown may have changed: ${(error as Error).message}`);
    this.#silent = true;
  }
}
