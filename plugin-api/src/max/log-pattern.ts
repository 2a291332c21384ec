/** A pattern may have that many characters. */
export const LOG_PATTERN_LENGTH = 1_000;

/** Why a text is no regular expression; the engine's word for it, without its repetition of the pattern. */
function whyBad(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.slice(message.lastIndexOf(': ') + 2);
  }
}

/** The character, counted from 1, at which a bad pattern goes wrong. */
function placeOf(pattern: string, why: string): number {
  const prefixes = Array.from({ length: pattern.length }, (_, index) => pattern.slice(0, index + 1));
  // What is never closed begins where the pattern could last have ended.
  if (why.startsWith('Unterminated')) return prefixes.findLastIndex((prefix) => whyBad(prefix) === undefined) + 2;
  return prefixes.findIndex((prefix) => whyBad(prefix) === why) + 1;
}

/**
 * Says what is wrong with a pattern of `grep`: a JavaScript regular expression without flags.
 *
 * @returns `undefined` for a good one, else a reason with the character at which it goes wrong
 */
export function checkLogPattern(pattern: string): string | undefined {
  if (pattern.length > LOG_PATTERN_LENGTH)
    return `it has ${pattern.length} characters, and ${LOG_PATTERN_LENGTH} are the most`;
  const why = whyBad(pattern);
  return why === undefined ? undefined : `${why} at character ${placeOf(pattern, why)}`;
}
