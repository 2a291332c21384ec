import { keysLine } from './chrome.ts';
import { cut } from './cut.ts';
import type { Theme } from './theme.ts';

const KEYS: ReadonlyArray<readonly [string, string]> = [
  ['↑ ↓  j k', 'move; in an app: the one before and after'],
  ['PgUp PgDn', 'move by a page; Home End (g G): to the first and the last'],
  ['Enter', 'open the app: graphs, instances, log'],
  ['Esc', 'back; in the list: clear the filter'],
  ['/', 'filter by name, network or state; !word leaves out'],
  ['s  S', 'sort by name, state, req/s, p95, CPU, memory; turn it round'],
  ['l', 'follow the log of the app, full screen; q comes back'],
  ['x  o', 'a shell in the app; its exit comes back'],
  ['p', 'below the list: panels, events, nothing'],
  ['t', 'in an app: graphs of 5m, 15m, 1h, 24h'],
  ['r', 'draw the screen anew'],
  ['q  Ctrl-C', 'quit; Ctrl-Z: stop until fg'],
];

/** Draws what the keys do and what the figures mean. */
export function helpLines(size: { columns: number; rows: number }, theme: Theme): string[] {
  const { glyphs, paint } = theme;
  const ascii = (text: string): string => (glyphs.braille ? text : text.replace('↑ ↓', 'arrows'));
  const states = Object.entries(glyphs.states).map(([state, symbol]) => `${symbol} ${state}`);
  const lines = [
    paint.bold(' Keys'),
    ...KEYS.map(([key, what]) => `  ${ascii(key).padEnd(11)} ${what}`),
    '',
    paint.bold(' Figures'),
    '  REQ/S, ERR (answers of 500 and above), P95 (to the head of the answer)',
    '  and CPU (100% is one core) are of the last second.',
    `  ${states.join('  ')}`,
  ].map((line) => cut(line, size.columns, glyphs));
  const shown = lines.slice(0, size.rows - 1);
  while (shown.length < size.rows - 1) shown.push('');
  return [...shown, keysLine([['Esc', 'back']], size.columns, theme)];
}

/** The least that the dashboard is drawn on. */
export const LEAST = { columns: 50, rows: 12 };

/** Draws that the terminal is too small. */
export function tooSmallLines({ columns, rows }: { columns: number; rows: number }, theme: Theme): string[] {
  const sentences = [
    `This terminal has ${columns}x${rows}.`,
    `The dashboard needs ${LEAST.columns}x${LEAST.rows}.`,
    'q quits',
  ];
  const lines = sentences.flatMap((sentence) => wrapped(sentence, columns));
  return lines.slice(0, rows).map((line) => cut(line, columns, theme.glyphs));
}

/** A sentence on as many lines as it takes. */
function wrapped(sentence: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
