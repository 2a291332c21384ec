/** A key as the screen understands it. */
export type KeyName =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'interrupt'
  | 'kill-line'
  | 'redraw';

/** What was pressed: a key with a name, or text. */
export type Pressed = { key: KeyName } | { text: string };

/** ink's notion of a key: the part that is used. */
export interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  backspace: boolean;
  delete: boolean;
  ctrl: boolean;
  meta: boolean;
}

const NAMED: ReadonlyArray<readonly [keyof InkKey, KeyName]> = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

const CONTROL: Readonly<Record<string, KeyName>> = {
  ...{ c: 'interrupt', u: 'kill-line', l: 'redraw', n: 'down', p: 'up', f: 'pageDown', b: 'pageUp' },
};

/** Reads ink's input: several keys that came at once, as they do while one is held down, are one text. */
export function pressed(input: string, key: InkKey): Pressed | undefined {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named !== undefined) return { key: named[1] };
  if (key.ctrl) return CONTROL[input] === undefined ? undefined : { key: CONTROL[input] };
  if (key.meta || input === '') return undefined;
  // What a paste may hold beside text is not typed.
  const text = input.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
  return text === '' ? undefined : { text };
}
