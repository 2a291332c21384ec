import type { Figure } from '../bench/figure.ts';
import type { RunningMax } from '../support/max.ts';

/** What a line is checked with. */
export interface Ground {
  /** A real Max in another process, with a user who is signed in; one for all lines. */
  max: RunningMax;
}

/** One line of what a layer owes the next, as an executable check. */
export interface Line {
  /** Which layer hands over to which. */
  handoff: '1 → 2 foundation' | '2 → 3 communication' | '3 → 4 resources' | '4 → 5 operations' | '5 production';
  /** The line as it is written in the table of handoffs; it must not change, or its history is lost. */
  name: string;
  /** Throws where the line does not hold; gives the figure that was measured, if the line has one. */
  check(ground: Ground): Promise<Omit<Figure, 'name'> | undefined>;
}
