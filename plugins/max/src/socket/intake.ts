/** What may wait to be handled, of one client, before it is read from no more. */
const most = { messages: 1000, bytes: 16 * 1024 * 1024 };

/** What stops reading, and reads on. */
export interface Holdable {
  hold(): void;
  free(): void;
}

/** Counts what a client has sent and nobody has handled yet: in the line of its socket, and in those of its channels. */
export class Intake {
  readonly #brake: Holdable;
  #messages = 0;
  #bytes = 0;
  #holding = false;

  constructor(brake: Holdable) {
    this.#brake = brake;
  }

  /** Counts a message in that is put into a line; the function that it gives counts it out again. */
  enter(bytes: number): () => void {
    this.#count(1, bytes);
    return () => this.#count(-1, -bytes);
  }

  #count(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
    // Read on at half of it: a client at the limit is not stopped and let go at each message.
    const limit = this.#holding ? 0.5 : 1;
    const isTooMuch = this.#messages > limit * most.messages || this.#bytes > limit * most.bytes;
    if (isTooMuch === this.#holding) return;
    this.#holding = isTooMuch;
    if (isTooMuch) this.#brake.hold();
    else this.#brake.free();
  }
}
