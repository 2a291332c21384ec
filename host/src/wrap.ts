/** Wraps help text at a width; a line's continuation stands under the text of its last column. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const indent = /^\s*\S(?:.*?\S)?\s{2,}(?=\S)/.exec(line)?.[0].length ?? /^\s*/.exec(line)?.[0].length ?? 0;
  // A terminal too narrow for two columns gets plain wrapping.
  const hang = indent > width / 2 ? 4 : indent;
  const out: string[] = [];
  let current = line.slice(0, indent);
  let empty = true;
  for (const word of line.slice(indent).split(' ')) {
    if (!empty && current.length + 1 + word.length > width) {
      out.push(current);
      current = ' '.repeat(hang) + word;
    } else {
      current += empty ? word : ` ${word}`;
      empty = false;
    }
  }
  out.push(current);
  return out.join('\n');
}

/** Prepares stored help for a terminal: wrapped at its width, headings bold where colour is wanted. */
export function present(
  text: string,
  stdout: { isTTY?: boolean; columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (!stdout.isTTY) return text;
  const wrapped = wrap(text, Math.max(40, Math.min(stdout.columns || 80, 120)));
  return env.NO_COLOR || env.TERM === 'dumb' ? wrapped : wrapped.replace(/^[A-Z][A-Z ]+$/gm, '\x1b[1m$&\x1b[22m');
}
