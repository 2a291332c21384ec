import type { LogFilter, LogLine } from '@rig/plugin-api/max';
import { atLeast, levelOf } from './level.ts';
import { matchPattern } from './pattern-worker.ts';

/** Whether lines come from an instance, or from those of a process type. */
function isOf(instance: string, wanted: string): boolean {
  return instance === wanted || (instance.startsWith(wanted) && /^\.\d+$/.test(instance.slice(wanted.length)));
}

/** Lets through the lines that everything of a filter holds for. */
export class LineFilter {
  readonly #wanted: LogFilter;

  constructor(wanted: LogFilter) {
    this.#wanted = wanted;
  }

  /** Whether some line may be left out. */
  get active(): boolean {
    const { instance, level, grep } = this.#wanted;
    return instance !== undefined || level !== undefined || grep !== undefined;
  }

  /**
   * The lines that match, in order.
   *
   * @throws PatternTooSlow
   */
  async select<T extends LogLine>(lines: T[]): Promise<T[]> {
    const { instance, level, grep } = this.#wanted;
    const left = lines.filter(
      (line) =>
        (instance === undefined || isOf(line.instance, instance)) &&
        (level === undefined || atLeast(levelOf(line), level)),
    );
    if (grep === undefined || left.length === 0) return left;
    const matches = await matchPattern(
      grep,
      left.map((line) => line.text),
    );
    return left.filter((_, index) => matches[index]);
  }
}
