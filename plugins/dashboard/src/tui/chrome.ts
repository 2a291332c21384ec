import { textWidth } from '@rig/plugin-api';
import { formatCpu, formatMemory, formatRate, formatShare, formatTime } from '../format.ts';
import type { DashboardSnapshot } from '../model/snapshot.ts';
import { URGENCY } from '../model/sort.ts';
import { cut, drawnWidth, ends, plainOf, safe } from './cut.ts';
import { paintState, type Theme } from './theme.ts';

/** The first line: whose apps these are, where, and whether the figures are of now. */
export function titleLine(snapshot: DashboardSnapshot, columns: number, theme: Theme): string {
  const { context, server, user, network, connection, at } = snapshot;
  const { glyphs, paint } = theme;
  const place = context === null ? server : `${context} (${server})`;
  const left = ` rig ${glyphs.dot} ${place} ${glyphs.dot} ${user}${network === null ? '' : ` ${glyphs.dot} network ${network}`}`;
  const right = `${connectionText(snapshot, theme)} ${at === null ? '' : formatTime(at)} `;
  const line = ends(safe(left, columns, glyphs), right, columns, glyphs);
  return paint.inverse(connection.state === 'offline' ? paint.red(line) : line);
}

function connectionText({ connection }: DashboardSnapshot, { glyphs }: Theme): string {
  switch (connection.state) {
    case 'live':
      return `${glyphs.states.running} live`;
    case 'polling':
      return `${glyphs.states.degraded} by HTTP`;
    case 'offline':
      return `${glyphs.states.crashed} OFFLINE since ${formatTime(connection.since)}, figures of`;
    case 'connecting':
      return `${glyphs.states.starting} connecting`;
  }
}

/** The second line: all apps together, or why the figures are old. */
export function totalsLine(snapshot: DashboardSnapshot, columns: number, theme: Theme): string {
  const { totals, connection } = snapshot;
  const { glyphs, paint } = theme;
  if (connection.state === 'offline')
    return paint.red(safe(` Max does not answer: ${connection.reason ?? ''}`, columns, glyphs));
  // What wants to be looked at comes first, and in colour.
  const states = URGENCY.filter((state) => totals.states[state]).map((state) => {
    const text = `${totals.states[state]} ${state}`;
    return state === 'crashed' || state === 'degraded' ? paintState(theme, state)(text) : text;
  });
  const errors = `${formatShare(totals.errorsPerSecond, totals.requestsPerSecond)} err`;
  const parts = [
    `${totals.apps} ${totals.apps === 1 ? 'app' : 'apps'}${states.length === 0 ? '' : `: ${states.join(', ')}`}`,
    `${formatRate(totals.requestsPerSecond)} req/s`,
    totals.errorsPerSecond > 0 ? paint.red(errors) : errors,
    `CPU ${formatCpu(totals.cpu)}`,
    `mem ${formatMemory(totals.memoryBytes)}`,
    `${totals.healthy}/${totals.wanted} inst`,
  ];
  const wide = ` ${parts.join('   ')}`;
  if (drawnWidth(wide) <= columns) return wide;
  while (parts.length > 1 && drawnWidth(parts.join('  ')) >= columns) parts.pop();
  const [only = ''] = parts;
  return parts.length > 1 ? ` ${parts.join('  ')}` : cut(` ${plainOf(only)}`, columns, glyphs);
}

/** A key and what it does. */
export type KeyHint = readonly [key: string, what: string];

/** The last line: as many keys as fit; the two last, help and the way out, before all others. */
export function keysLine(hints: readonly KeyHint[], columns: number, theme: Theme): string {
  const widthOf = ([key, what]: KeyHint): number => textWidth(key) + textWidth(what) + 3;
  const last = hints.slice(-2);
  let room = columns - last.reduce((sum, hint) => sum + widthOf(hint), 0);
  const kept = hints.slice(0, -2).filter((hint) => {
    room -= widthOf(hint);
    return room >= 0;
  });
  return [...kept, ...last].map(([key, what]) => ` ${theme.paint.inverse(key)} ${what} `).join('');
}

/** A line across with a title in it. */
export function ruleLine(title: string, columns: number, theme: Theme): string {
  const { glyphs, paint } = theme;
  const text = `${glyphs.dash}${glyphs.dash} ${title} `;
  return paint.dim(cut(text + glyphs.dash.repeat(Math.max(0, columns - textWidth(text))), columns, glyphs));
}
