import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One measured number. */
export interface Figure {
  name: string;
  value: number;
  unit: '×' | '%' | 'KiB' | 'MiB' | 'MB' | 'MB/s' | 'ms' | 'requests/s' | '';
  /** The most that is accepted; a figure without one is only reported. */
  limit?: number;
  note?: string;
}

/** Prints figures with the difference to the last accepted run; gives whether all keep their limits. */
export function report(figures: readonly Figure[], accepted: string): boolean {
  const last: Figure[] = existsSync(accepted)
    ? (JSON.parse(readFileSync(accepted, 'utf8')) as { figures: Figure[] }).figures
    : [];
  let good = true;
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, value, unit, limit, note } of figures) {
    const before = last.find((figure) => figure.name === name)?.value;
    const change =
      before === undefined
        ? ''
        : `  was ${before.toFixed(2)} (${value >= before ? '+' : ''}${(((value - before) / before) * 100).toFixed(0)} %)`;
    const over = limit !== undefined && value > limit;
    if (over) good = false;
    console.log(
      `${over ? '✗' : '✓'} ${name.padEnd(width)}  ${value.toFixed(2)} ${unit}${limit === undefined ? '' : `  (at most ${limit})`}${note ? `  ${note}` : ''}${change}`,
    );
  }
  return good;
}

/** Writes a run as the accepted one. */
export function accept(figures: readonly Figure[], file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`);
}

/** What figures were measured on, as far as it matters and is nobody's business. */
export function machine(): { node: string; platform: string } {
  return { node: process.version, platform: `${process.platform} ${process.arch}` };
}

/** The value of an option of a script, e.g. `--json FILE`. */
export function optionOf(args: readonly string[], name: string): string | undefined {
  return args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
}
