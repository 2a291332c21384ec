import type { Io, TerminalWritable } from '../io.ts';

/** When to colour. */
export type ColorChoice = 'auto' | 'always' | 'never';

/** Functions that dress a text, or leave it as it is. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const wrap =
  (open: number, close: number) =>
  (text: string): string =>
    `\x1b[${open}m${text}\x1b[${close}m`;
const same = (text: string): string => text;

const COLOURED: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  red: wrap(31, 39),
  yellow: wrap(33, 39),
  cyan: wrap(36, 39),
};
const PLAIN: Style = { bold: same, dim: same, red: same, yellow: same, cyan: same };

/** Decides on colour for one stream: the choice, then `NO_COLOR`, then `FORCE_COLOR`, then whether it is a terminal. */
export function wantsColor(choice: ColorChoice, env: Io['env'], stream: TerminalWritable): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The style for one stream. */
export function styleFor(choice: ColorChoice, env: Io['env'], stream: TerminalWritable): Style {
  return wantsColor(choice, env, stream) ? COLOURED : PLAIN;
}

/** Tells whether rig runs where nobody watches or answers, as CI systems say by `CI`. */
export function isCi(env: Io['env']): boolean {
  return Boolean(env.CI) && env.CI !== 'false' && env.CI !== '0';
}
