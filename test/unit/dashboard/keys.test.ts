import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pressed } from '../../../plugins/dashboard/src/tui/keys.ts';
import { KeySplitter } from '../../../plugins/dashboard/src/tui/split-keys.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What pieces of input are read as, each coming so many milliseconds after the one before. */
function read(pieces: readonly string[], ms = 0): unknown[] {
  const keys: unknown[] = [];
  const splitter = new KeySplitter((key) => keys.push(pressed(key)));
  for (const piece of pieces) {
    splitter.take(piece);
    vi.advanceTimersByTime(ms);
  }
  vi.advanceTimersByTime(1000);
  return keys.map((key) => (key === undefined ? null : Object.values(key as object)[0]));
}

test('keys that come at once are keys one by one, one after Esc too', () => {
  expect(read(['/é漢👍\r\x03'])).toEqual(['/', 'é', '漢', '👍', 'enter', 'interrupt']);
  expect(read(['?\x1b?\x1bs'])).toEqual(['?', 'escape', '?', 'escape', 's']);
  expect(read(['jj\x1b[B\x1bOAk\x1b[5~'])).toEqual(['j', 'j', 'down', 'up', 'k', 'pageUp']);
  expect(read(['\x1b\x1b[A'])).toEqual(['escape', 'up']);
});

test('a key that comes in pieces is one, and Esc alone is Esc', () => {
  expect(read(['\x1b', '[', 'A'])).toEqual(['up']);
  expect(read(['j\x1b[6', '~k'])).toEqual(['j', 'pageDown', 'k']);
  expect(read(['\x1b', 's'], 100)).toEqual(['escape', 's']);
});

test('with Shift, Alt or Ctrl keys of the cursor are the same, and what means nothing is left out', () => {
  expect(read(['\x1b[1;5A\x1b[1;2H\x1b[5;3~\x1b[4~\x1b[3~'])).toEqual(['up', 'home', 'pageUp', 'end', 'backspace']);
  expect(read(['\x1b[15~\x1b[I\x1b[200~\x00\x07a'])).toEqual([null, null, null, null, null, 'a']);
});
