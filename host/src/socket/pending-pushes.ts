/** A push that waits for its answer. */
export interface PendingPush {
  readonly event: string;
  readonly payload: unknown;
  resolve(response: unknown): void;
  reject(error: unknown): void;
}

/** The answer that a push got. */
export interface PushAnswer {
  readonly status: string;
  readonly response: unknown;
}

/**
 * The pushes of one channel that Max has not answered. The official client keeps its own in a list that it walks for
 * every message, and lets them wait for their timeout when the connection is gone; so they are kept here.
 */
export class PendingPushes {
  readonly #sent = new Map<string, PendingPush>();
  #unsent: PendingPush[] = [];

  /** Notes a push that went out under a ref. */
  sent(ref: string, push: PendingPush): void {
    this.#sent.set(ref, push);
  }

  /** Notes a push that has to wait until the channel is joined again. */
  postpone(push: PendingPush): void {
    this.#unsent.push(push);
  }

  /** Takes those that wait for the join. */
  takeUnsent(): PendingPush[] {
    return this.#unsent.splice(0);
  }

  /** Takes the push that an answer belongs to. */
  take(ref: string | null): PendingPush | undefined {
    if (ref === null) return undefined;
    const push = this.#sent.get(ref);
    this.#sent.delete(ref);
    return push;
  }

  /** Drops a push that gave up waiting. */
  drop(push: PendingPush): void {
    this.#unsent = this.#unsent.filter((other) => other !== push);
    for (const [ref, other] of this.#sent) if (other === push) this.#sent.delete(ref);
  }

  /** Rejects what went out: its answers will never come. */
  rejectSent(errorOf: (push: PendingPush) => unknown): void {
    const pushes = [...this.#sent.values()];
    this.#sent.clear();
    for (const push of pushes) push.reject(errorOf(push));
  }

  /** Rejects everything. */
  rejectAll(errorOf: (push: PendingPush) => unknown): void {
    this.rejectSent(errorOf);
    for (const push of this.takeUnsent()) push.reject(errorOf(push));
  }
}
