/** What a filter looks at. */
export interface Filterable {
  app: string;
  network: string;
  state: string;
}

/**
 * Makes a test of an app from what a person types: words that must all be found in `APP.NETWORK` or be how its state
 * begins, upper and lower case alike; `!word` must not be found.
 */
export function appFilter(text: string): (app: Filterable) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (app: Filterable, word: string): boolean =>
    `${app.app}.${app.network}`.includes(word) || app.state.startsWith(word);
  return (app) =>
    words.every((word) => {
      if (word === '!') return true;
      return word.startsWith('!') ? !has(app, word.slice(1)) : has(app, word);
    });
}
