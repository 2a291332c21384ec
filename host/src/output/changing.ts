import { ExitCode, RigError, truncate, type ValueResult } from '@rig/plugin-api';
import { layOutBlocks } from './blocks.ts';
import { jsonLine } from './json.ts';
import type { RenderContext } from './render.ts';
import type { Screen } from './screen.ts';
import { pump, untilStopped } from './stream.ts';

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** Whether what a command of one value returned is that value as it changes. */
export function isChanging(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Prints a value each time it changes: on a terminal in the same place, elsewhere one below the other, a line each with
 * `-o ndjson`.
 *
 * @throws RigError `RIG_FOLLOW_FORM` (2) for a form that is one document
 */
export async function renderChanging<T>(
  result: ValueResult<T>,
  source: AsyncIterable<T>,
  context: RenderContext,
): Promise<void> {
  const { format, screen, stops, style } = context;
  if (format === 'ndjson') return pump(source, jsonLine, screen, stops);
  if (format !== 'table')
    throw new RigError({
      code: 'RIG_FOLLOW_FORM',
      message: `-o ${format} is one document, and what is watched has no end`,
      hint: 'a record for each change: -o ndjson',
      exitCode: ExitCode.Usage,
    });
  if (context.redraws) {
    const picture = new Picture(screen);
    const columns = screen.out.stream.columns || 80;
    for await (const value of untilStopped(source, stops)) {
      picture.draw(layOutBlocks(result.view(value), style, columns));
      await screen.ready();
    }
    if (stops.signal.aborted && !stops.closed()) throw stops.signal.reason;
    return;
  }
  let first = true;
  const below = (value: T): string => {
    const text = lines(['', ...layOutBlocks(result.view(value), style, undefined)].slice(first ? 1 : 0));
    first = false;
    return text;
  };
  return pump(source, below, screen, stops);
}

/** What was drawn last on the terminal, and stands there until something else is printed. */
class Picture {
  readonly #screen: Screen;
  #height = 0;
  #writes = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Draws lines over the ones before, or below what was printed meanwhile. */
  draw(all: readonly string[]): void {
    const { columns = 80, rows = 24 } = this.#screen.out.stream;
    const most = Math.max(2, rows - 1);
    const shown = all.length <= most ? all : [...all.slice(0, most - 1), `… and ${all.length - most + 1} more lines`];
    const isThere = this.#height > 0 && this.#screen.writes === this.#writes;
    const before = isThere ? `\x1b[${this.#height}A\r\x1b[J` : this.#height > 0 ? '\n' : '';
    this.#screen.write(this.#screen.out, before + lines(shown.map((line) => truncate(line, columns))));
    this.#height = shown.length;
    this.#writes = this.#screen.writes;
  }
}
