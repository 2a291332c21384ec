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
  | 'suspend'
  | 'redraw';

/** What was pressed: a key with a name, or a character. */
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
  ...{ c: 'interrupt', u: 'kill-line', l: 'redraw', z: 'suspend', n: 'down', p: 'up', f: 'pageDown', b: 'pageUp' },
};

/** Keys of characters, where they come among others. */
const CHARACTERS: Readonly<Record<string, KeyName>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\x1b': 'escape', '\x7f': 'backspace', '\b': 'backspace' },
  ...{ '\x03': 'interrupt', '\x15': 'kill-line', '\x0c': 'redraw', '\x1a': 'suspend' },
};

/** Reads ink's input: several keys may come at once, as they do while one is held down, or over a slow line. */
export function pressed(input: string, key: InkKey): Pressed[] {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named !== undefined) return [{ key: named[1] }];
  if (key.ctrl) return CONTROL[input] === undefined ? [] : [{ key: CONTROL[input] }];
  if (key.meta) return [];
  return [...input].flatMap((character): Pressed[] => {
    const control = CHARACTERS[character];
    if (control !== undefined) return [{ key: control }];
    return /[\x00-\x1f\x80-\x9f]/.test(character) ? [] : [{ text: character }];
  });
}
