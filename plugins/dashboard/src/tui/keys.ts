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

/** What follows `ESC [` or `ESC O`, without what says that Shift, Alt or Ctrl was held too. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  ...{ A: 'up', B: 'down', H: 'home', F: 'end', '5~': 'pageUp', '6~': 'pageDown', '3~': 'backspace' },
  ...{ '1~': 'home', '7~': 'home', '4~': 'end', '8~': 'end' },
};

/** Characters that are keys. */
const CHARACTERS: Readonly<Record<string, KeyName>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\x1b': 'escape', '\x7f': 'backspace', '\b': 'backspace' },
  ...{ '\x03': 'interrupt', '\x15': 'kill-line', '\x0c': 'redraw', '\x1a': 'suspend' },
  ...{ '\x0e': 'down', '\x10': 'up', '\x06': 'pageDown', '\x02': 'pageUp' },
};

/** Reads a key as the terminal sends it; `undefined` for one that means nothing. */
export function pressed(key: string): Pressed | undefined {
  const name =
    CHARACTERS[key] ??
    SEQUENCES[/^\x1b[[O](?:\d+;\d+(?=[A-Z])|(\d+);\d+(?=~))?(.*)$/.exec(key)?.slice(1).join('') ?? ''];
  if (name !== undefined) return { key: name };
  return /^[\x00-\x1f\x7f-\x9f]/.test(key) ? undefined : { text: key };
}
