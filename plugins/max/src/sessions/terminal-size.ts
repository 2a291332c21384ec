import type { TerminalSize } from '@rig/plugin-api/max';

/** The most columns and rows that a terminal may have. */
const MOST = 10_000;

/** Reads the size of a terminal; `undefined` for what is none. */
export function terminalSizeOf(value: unknown): TerminalSize | undefined {
  const { columns, rows } = (value ?? {}) as { columns?: unknown; rows?: unknown };
  return isCount(columns) && isCount(rows) ? { columns, rows } : undefined;
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST;
