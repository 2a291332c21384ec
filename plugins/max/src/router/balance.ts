import type { Target } from './target.ts';

/** Chooses the least busy target that was not tried yet; among equals each in its turn. */
export class Balancer {
  #turn = 0;

  /** The target for a request, or `undefined` when there is none left. */
  choose(targets: readonly Target[], tried?: ReadonlySet<Target>): Target | undefined {
    this.#turn += 1;
    let best: Target | undefined;
    for (let index = 0; index < targets.length; index += 1) {
      const target = targets[(index + this.#turn) % targets.length]!;
      if (tried?.has(target)) continue;
      if (best === undefined || target.active < best.active) best = target;
    }
    return best;
  }
}
