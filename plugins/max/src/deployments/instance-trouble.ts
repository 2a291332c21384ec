import type { InstanceFailure, InstanceFailureCode } from '@rig/plugin-api/max';
import type { Tuning } from './tuning.ts';

/** What is wrong with an instance, from the first failure until it is healthy again. */
export class Trouble {
  #failure: InstanceFailure | null = null;
  #failures = 0;

  /** As the contract has it; `null` while nothing is wrong. */
  get failure(): InstanceFailure | null {
    return this.#failure;
  }

  /** Notes a failure; one that follows another is of the same trouble. */
  note(code: InstanceFailureCode, reason: string): InstanceFailure {
    const since = this.#failure?.since ?? new Date().toISOString();
    this.#failure = { code, reason, since, retryAt: null };
    return this.#failure;
  }

  /** Says in how long it is to be started again: ever later, one failure after the other. */
  retry({ backoffMs, backoffMaxMs }: Tuning): { pauseMs: number; failure: InstanceFailure } {
    const pauseMs = Math.min(backoffMs * 2 ** this.#failures, backoffMaxMs);
    this.#failures += 1;
    const failure = this.#failure ?? this.note('RIG_INSTANCE_CRASHED', 'ended');
    this.#failure = { ...failure, retryAt: new Date(Date.now() + pauseMs).toISOString() };
    return { pauseMs, failure: this.#failure };
  }

  /** It ran for long enough: the next pause is a short one. */
  forget(): void {
    this.#failures = 0;
  }

  /** It starts again. */
  started(): void {
    if (this.#failure !== null) this.#failure = { ...this.#failure, retryAt: null };
  }

  /** It is healthy. */
  end(): void {
    this.#failure = null;
  }
}
