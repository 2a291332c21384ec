import { Option } from '@rig/plugin-api';

/** What was typed after `--`, and before it where nothing belongs. */
export interface Verbatim {
  /** Everything after the first `--`, as it is; `undefined` without one. */
  argv: readonly string[] | undefined;
  /** Words that stand before it, or without it. */
  misplaced: readonly string[];
}

/** Declares that everything after `--` is taken as it is, were it an option of rig or another `--`. */
export function verbatimOption(name: string): Verbatim {
  return Option.makeCommandOption<Verbatim>({
    definition: (builder) => {
      const rest = { name, verbatim: true };
      builder.addRest(rest);
    },
    transformer: (_builder, _key, { positionals, tokens, ignoreOptions }) => {
      const words = positionals.map(({ value }) => value);
      if (!ignoreOptions) return { argv: undefined, misplaced: words };
      // Every word of the command line has a token but the `--` itself.
      const places = new Set(tokens.map(({ segmentIndex }) => segmentIndex));
      let separator = 0;
      while (places.has(separator)) separator += 1;
      const before = tokens.filter(({ type, segmentIndex }) => type === 'positional' && segmentIndex < separator);
      return { argv: words.slice(before.length), misplaced: words.slice(0, before.length) };
    },
  });
}
