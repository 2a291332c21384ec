/** Finds what serves a topic: `logs:*` serves every topic with that prefix, a pattern without `*` only itself. */
export class TopicRouter<T> {
  readonly #exact = new Map<string, T>();
  readonly #prefixes: Array<[prefix: string, value: T]> = [];

  constructor(routes: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of routes) {
      const star = pattern.indexOf('*');
      if (star === -1) this.#exact.set(pattern, value);
      else if (star === pattern.length - 1) this.#prefixes.push([pattern.slice(0, -1), value]);
      else throw new TypeError(`topic pattern "${pattern}": a * may only stand at the end`);
    }
  }

  /** The value of the pattern that matches; among prefixes, the first that was given. */
  match(topic: unknown): T | undefined {
    if (typeof topic !== 'string') return undefined;
    if (this.#exact.has(topic)) return this.#exact.get(topic);
    return this.#prefixes.find(([prefix]) => topic.startsWith(prefix))?.[1];
  }
}
