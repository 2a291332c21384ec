import type { Readable } from 'node:stream';

/** The lines of a stream as they come. */
export interface OutputLines {
  /** All so far, the last one whether it has ended or not. */
  readonly all: readonly string[];
  /** Waits for a line, among those that came before too; fails with all that came when the stream ends without it. */
  find(wanted: string | RegExp): Promise<string>;
  /** Waits for that many lines; fails where the stream ends with fewer. */
  count(lines: number): Promise<void>;
}

/** Reads a running process's output by lines. */
export function outputLines(stream: Readable): OutputLines {
  let text = '';
  let ended = false;
  let wake: Array<() => void> = [];
  const changed = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    changed();
  });
  stream.once('close', () => {
    ended = true;
    changed();
  });
  const lines = (): string[] => text.split('\n').filter((line) => line !== '');
  const fits = (wanted: string | RegExp) => (line: string) =>
    typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line);
  return {
    get all() {
      return lines();
    },
    async count(wanted) {
      // The last one may be on its way yet.
      while (text.split('\n').length <= wanted) {
        if (ended) throw new Error(`the stream ended with fewer than ${wanted} lines:\n${text}`);
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
    async find(wanted) {
      for (;;) {
        const found = lines().find(fits(wanted));
        if (found !== undefined) return found;
        if (ended) throw new Error(`the stream ended without ${wanted}:\n${text}`);
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
  };
}
