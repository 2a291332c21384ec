/** A connection, for whoever has to wait until it is gone. */
export interface OpenTransport {
  readonly gone: Promise<void>;
  /** Bytes that were given to it and that the system has not taken yet. */
  readonly bufferedAmount: number;
  /** Cuts it where it does not close by itself. */
  cut(): void;
}

/** Bytes that may wait in a connection before pushes wait for it. */
const mostBuffered = 1024 * 1024;

/** The connections of a socket that are not gone yet: one, and those before it that are closing. */
export class OpenTransports extends Set<OpenTransport> {
  /** Whether more is not to be given to the connection now. */
  get isFull(): boolean {
    for (const { bufferedAmount } of this) if (bufferedAmount >= mostBuffered) return true;
    return false;
  }

  /** Cuts all. */
  cut(): void {
    for (const transport of this) transport.cut();
  }

  /** Settles when all are gone, which are cut after so many milliseconds. */
  async gone(ms: number): Promise<void> {
    const timer = setTimeout(() => this.cut(), ms);
    await Promise.all([...this].map(({ gone }) => gone));
    clearTimeout(timer);
  }
}
