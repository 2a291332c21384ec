import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Figure, machine } from '../bench/figure.ts';

/** How one line fared. */
export interface Outcome {
  handoff: string;
  line: string;
  holds: boolean;
  /** Why not. */
  reason?: string;
  figure?: Omit<Figure, 'name'>;
  seconds: number;
}

/** Reads the last accepted run; none is an empty one. */
export function readAccepted(file: string): Outcome[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { lines: Outcome[] }).lines;
}

/** The table of a run with the difference to an earlier one. */
export function table(outcomes: readonly Outcome[], accepted: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ line }) => line.length));
  const rows: string[] = [];
  let handoff = '';
  for (const outcome of outcomes) {
    if (outcome.handoff !== handoff) rows.push(outcome.handoff);
    handoff = outcome.handoff;
    const before = accepted.find(({ line }) => line === outcome.line);
    const columns = [
      figureText(outcome, before),
      `${outcome.seconds.toFixed(1)} s`.padStart(7),
      change(outcome, before),
      outcome.figure?.note ?? '',
    ];
    rows.push(`  ${outcome.holds ? '✓' : '✗'} ${outcome.line.padEnd(width)}  ${columns.join('  ')}`.trimEnd());
    if (outcome.reason !== undefined) rows.push(...outcome.reason.split('\n').map((text) => `      ${text}`));
  }
  for (const { line } of accepted.filter((old) => !outcomes.some(({ line }) => line === old.line)))
    rows.push(`  ✗ ${line}: was accepted, and is not checked any more`);
  return rows.join('\n');
}

function figureText({ figure }: Outcome, before: Outcome | undefined): string {
  if (!figure) return ''.padEnd(12);
  const text = (value: number): string => value.toFixed(figure.unit === '×' ? 2 : 0);
  const was = before?.figure ? ` (was ${text(before.figure.value)})` : '';
  return `${text(figure.value)} ${figure.unit}${was}`.padEnd(12);
}

function change({ holds }: Outcome, before: Outcome | undefined): string {
  if (!before) return 'new';
  if (before.holds === holds) return '';
  return holds ? 'held not before' : 'held before';
}

/** Whether every line holds, those that were accepted before included. */
export function allHold(outcomes: readonly Outcome[], accepted: readonly Outcome[]): boolean {
  return (
    outcomes.every(({ holds }) => holds) && accepted.every((old) => outcomes.some(({ line }) => line === old.line))
  );
}

/** Writes a run as JSON. */
export function writeRun(outcomes: readonly Outcome[], file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: machine(), lines: outcomes }, null, 2)}\n`);
}
