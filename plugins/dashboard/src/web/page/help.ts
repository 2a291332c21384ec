import { el } from './dom.ts';

const KEYS: ReadonlyArray<readonly [keys: string, does: string]> = [
  ['/', 'Filter apps by name or state; ! before a word leaves out'],
  ['↑ ↓  k j', 'Move in the list; Page, Home and End too'],
  ['Enter', 'Open the app'],
  ['Esc', 'Back to the list; empty the filter'],
  ['1 2 3 4', 'Span of the graphs of an app'],
  ['t', 'Colours: as the system, light, dark'],
  ['?', 'This list'],
];

/** What the keys do. */
export function helpDialog(): HTMLDialogElement {
  const list = el('dl', {});
  for (const [keys, does] of KEYS) {
    const names = keys.split(' ').filter(Boolean);
    list.append(
      el('dt', {}, ...names.map((textContent) => el('kbd', { textContent }))),
      el('dd', { textContent: does }),
    );
  }
  const close = el('button', { type: 'button', className: 'button', textContent: 'Close' });
  const dialog = el(
    'dialog',
    { className: 'help', attrs: { 'aria-labelledby': 'help-title' } },
    el('h2', { id: 'help-title', textContent: 'Keys' }),
    list,
    el('p', { textContent: 'This page only looks: nothing here changes anything in Max.' }),
    close,
  );
  close.addEventListener('click', () => dialog.close());
  return dialog;
}
