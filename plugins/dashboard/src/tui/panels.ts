import { pad, textWidth } from '@rig/plugin-api';
import type { DashboardPanel } from '../model/panel.ts';
import { ruleLine } from './chrome.ts';
import { cut, safe } from './cut.ts';
import { resample, sparkline } from './graph.ts';
import type { Theme } from './theme.ts';

/** Draws panels of plugins below each other: nothing of theirs is obeyed by the terminal. */
export function panelLines(panels: readonly DashboardPanel[], columns: number, theme: Theme): string[] {
  return panels.flatMap((panel) => [
    ruleLine(safe(panel.title, Math.max(1, columns - 6), theme.glyphs), columns, theme),
    ...(panel.text ?? []).map((line) => ` ${safe(line, columns - 1, theme.glyphs)}`),
    ...tableLines(panel, columns, theme),
    ...seriesLines(panel, columns, theme),
  ]);
}

function tableLines({ table }: DashboardPanel, columns: number, { glyphs, paint }: Theme): string[] {
  if (table === undefined) return [];
  const text = (cell: string | number | null | undefined): string => safe(String(cell ?? ''), columns, glyphs);
  const grid = [table.columns.map(text), ...table.rows.map((row) => table.columns.map((_, i) => text(row[i])))];
  const wanted = table.columns.map((_, i) => Math.max(...grid.map((row) => textWidth(row[i] ?? ''))));
  const widths = shared(wanted, columns - 1 - 2 * (wanted.length - 1));
  const isNumeric = table.columns.map((_, i) => table.rows.every((row) => typeof row[i] === 'number'));
  return grid.map((row, at) => {
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      return pad(cut(cell, width, glyphs), width, isNumeric[i] ? 'right' : 'left');
    });
    const line = cut(` ${cells.join('  ').trimEnd()}`, columns, glyphs);
    return at === 0 ? paint.dim(line) : line;
  });
}

/** Widths that fit: the widest columns give way, so that one of them hides no other. */
function shared(wanted: readonly number[], room: number): number[] {
  let left = room;
  const widths = [...wanted];
  const narrowFirst = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  narrowFirst.forEach((at, i) => {
    const most = Math.max(1, Math.floor(left / (wanted.length - i)));
    widths[at] = Math.min(wanted[at] ?? 0, most);
    left -= widths[at];
  });
  return widths;
}

function seriesLines({ series = [] }: DashboardPanel, columns: number, { glyphs, paint }: Theme): string[] {
  const labels = series.map(({ label }) => safe(label, Math.floor(columns / 3), glyphs));
  const texts = series.map(({ text = '' }) => safe(text, Math.floor(columns / 4), glyphs));
  const widest = (all: readonly string[]): number => all.reduce((most, text) => Math.max(most, textWidth(text)), 0);
  const [label, text] = [widest(labels), widest(texts)];
  const room = columns - label - text - 4;
  if (room < 4) return labels.map((one, i) => cut(` ${one} ${texts[i]}`, columns, glyphs));
  return series.map(({ values }, i) => {
    const figures = resample(
      values.map((value) => value ?? Number.NaN),
      room,
    );
    return ` ${pad(labels[i] ?? '', label)} ${paint.cyan(sparkline(figures, glyphs))} ${pad(texts[i] ?? '', text, 'right')}`;
  });
}
