import type { MinuteFiles, MinutePoint } from './minute-files.ts';

/** Minutes that wait for the disk at most: those of a day, as no more are kept. */
const MOST_WAITING = 24 * 60;
/** Of them so many are written with each minute: Max has other things to do. */
const AT_ONCE = 10;

/** What a backlog writes, and where it tells of an outage. */
export interface BacklogOptions {
  files: Pick<MinuteFiles, 'append'>;
  /** The points of all apps of the minute that ends at a time; they are in memory for as long as they are kept. */
  pointsOf(at: number): MinutePoint[];
  /** Writes a line to Max's own log. */
  log(text: string): void;
}

/** Writes minutes to disk in their order; what cannot be written is tried again with the next, for a day. */
export class MinuteBacklog {
  readonly #options: BacklogOptions;
  /** Ends of minutes that are not on disk, oldest first. */
  #waiting: number[] = [];
  #isFailing = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Writes the minute that ends at a time, and those that wait. Never throws. */
  write(at: number): void {
    // Those after it were of a clock that ran ahead.
    this.#waiting = [...this.#waiting.filter((before) => before < at), at].slice(-MOST_WAITING);
    this.#flush(AT_ONCE);
  }

  /** Writes those that still wait, as Max ends, and tells of what is lost. Never throws. */
  close(): void {
    this.#flush(MOST_WAITING);
    const { length } = this.#waiting;
    if (length > 0)
      this.#options.log(`${length === 1 ? 'a minute' : `${length} minutes`} of figures could not be kept`);
    this.#waiting = [];
  }

  #flush(most: number): void {
    const { files, pointsOf, log } = this.#options;
    try {
      for (let count = 0; count < most && this.#waiting.length > 0; count += 1) {
        const minute = this.#waiting[0]!;
        files.append(minute, pointsOf(minute));
        this.#waiting.shift();
      }
      if (this.#isFailing) log('minutes of figures are kept on disk again, with those that had to wait');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log(`minutes of figures cannot be kept on disk, and are tried again: ${messageOf(error)}`);
      this.#isFailing = true;
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
