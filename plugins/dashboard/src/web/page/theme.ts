/** What the person has chosen; `auto` is what the system says. */
export type ThemeChoice = 'auto' | 'light' | 'dark';

const KEY = 'rig-dashboard-theme';
const CHOICES: readonly ThemeChoice[] = ['auto', 'light', 'dark'];
const dark = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark: as the system has it, unless the person chose. */
export class Theme {
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#apply();
    dark.addEventListener('change', () => {
      this.#apply();
      this.#tell();
    });
  }

  /** What was chosen. */
  get choice(): ThemeChoice {
    const kept = localStorage.getItem(KEY);
    return CHOICES.find((choice) => choice === kept) ?? 'auto';
  }

  /** Goes on to the next choice. */
  next(): ThemeChoice {
    const choice = CHOICES[(CHOICES.indexOf(this.choice) + 1) % CHOICES.length] as ThemeChoice;
    localStorage.setItem(KEY, choice);
    this.#apply();
    this.#tell();
    return choice;
  }

  /** Calls back when colours change. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(): void {
    const { choice } = this;
    document.documentElement.dataset.theme = choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A colour of the style sheet, as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
