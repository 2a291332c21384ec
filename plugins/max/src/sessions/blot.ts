/** What stands in place of a value. */
const BLOT = '[hidden]';

/** A shorter value stands in too much else, and would be told by where it is blotted out. */
const LEAST_LENGTH = 4;

/** Makes a function that blots values out of texts: the longest first, as one may stand within another. */
export function blotter(values: Iterable<string>): (text: string) => string {
  const hidden = [...new Set(values)]
    .filter((value) => value.length >= LEAST_LENGTH)
    .sort((one, other) => other.length - one.length);
  return (text) => hidden.reduce((rest, value) => rest.replaceAll(value, BLOT), text);
}
