import type { AppState } from '@rig/plugin-api/max';

/** What lines are drawn with. */
export interface Glyphs {
  /** Levels of a small graph, from nothing to full. */
  levels: readonly string[];
  /** Whether large graphs are made of braille dots. */
  braille: boolean;
  states: Record<AppState, string>;
  cursor: string;
  descending: string;
  ascending: string;
  dash: string;
  dot: string;
  ellipsis: string;
}

const UNICODE: Glyphs = {
  levels: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  braille: true,
  states: { running: '●', starting: '◌', degraded: '◐', crashed: '✗', stopped: '○', empty: '·' },
  ...{ cursor: '▌', descending: '▾', ascending: '▴', dash: '─', dot: '·', ellipsis: '…' },
};

const ASCII: Glyphs = {
  levels: [' ', '_', '.', ':', '-', '=', '+', '*', '#'],
  braille: false,
  states: { running: '*', starting: '~', degraded: '!', crashed: 'X', stopped: 'o', empty: '.' },
  ...{ cursor: '>', descending: 'v', ascending: '^', dash: '-', dot: '-', ellipsis: '~' },
};

/** Functions that dress a text, or leave it as it is; widths do not change. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** What is chosen: also seen without colour. */
  inverse(text: string): string;
}

const sgr =
  (open: number, close: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`;
const plain = (text: string): string => text;

/** How everything is drawn. */
export interface Theme {
  glyphs: Glyphs;
  paint: Paint;
}

/** Tells by the environment's locale whether the terminal shows more than ASCII. */
export function speaksUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) && env.TERM !== 'linux';
}

/** Makes the theme: colours only add to what words and symbols say. */
export function makeTheme({ unicode, color }: { unicode: boolean; color: boolean }): Theme {
  const dress = (open: number, close: number) => (color ? sgr(open, close) : plain);
  return {
    glyphs: unicode ? UNICODE : ASCII,
    paint: {
      bold: sgr(1, 22),
      dim: dress(2, 22),
      red: dress(31, 39),
      green: dress(32, 39),
      yellow: dress(33, 39),
      cyan: dress(36, 39),
      inverse: sgr(7, 27),
    },
  };
}

/** Dresses what is said of an app by how it fares. */
export function paintState(theme: Theme, state: AppState): (text: string) => string {
  const { paint } = theme;
  if (state === 'running') return paint.green;
  if (state === 'crashed') return paint.red;
  if (state === 'starting' || state === 'degraded') return paint.yellow;
  return paint.dim;
}
