import { ExitCode, RigError } from '@rig/plugin-api';

const BEGIN = '# BEGIN rig';
const END = '# END rig';
const HEAD = [BEGIN, '# Written by: rig ssh config. Changes within are lost; rig ssh config --remove takes it out.'];
/** What stands after the block without a Host line of its own is for every host again. */
const FOOT = ['Host *', END];
const SECTION = '# Context: ';

/** The lines of ssh's configuration that lead to one Max. */
export interface Section {
  /** The context, or the server where there is none. */
  name: string;
  lines: readonly string[];
}

/** Where rig's block lies in a text: offsets of its first byte, and of the first one after it. */
interface Span {
  from: number;
  to: number;
}

/**
 * Puts a context's lines into ssh's configuration, in the place of those it had; everything else stays byte for byte. The
 * block comes first: ssh takes the first value that it finds.
 *
 * @throws RigError `RIG_SSH_CONFIG_BROKEN` (5)
 */
export function withSection(text: string, section: Section, file: string): string {
  const span = findBlock(text, file);
  const before = span === undefined ? [] : sectionsOf(text.slice(span.from, span.to));
  const sections = before.some(({ name }) => name === section.name)
    ? before.map((one) => (one.name === section.name ? section : one))
    : [...before, section];
  const block = blockOf(sections);
  if (span !== undefined) return text.slice(0, span.from) + block + text.slice(span.to);
  return text === '' ? block : `${block}\n${text}`;
}

/**
 * Takes one context's lines out again, and the block with the last of them; gives what is left of the block, if any.
 *
 * @throws RigError `RIG_SSH_CONFIG_BROKEN` (5)
 */
export function withoutSection(text: string, name: string, file: string): { text: string; block: string | undefined } {
  const span = findBlock(text, file);
  if (span === undefined) return { text, block: undefined };
  const before = text.slice(span.from, span.to);
  const sections = sectionsOf(before);
  const left = sections.filter((one) => one.name !== name);
  if (left.length === sections.length) return { text, block: before };
  if (left.length === 0) return { text: withoutBlock(text, file), block: undefined };
  const block = blockOf(left);
  return { text: text.slice(0, span.from) + block + text.slice(span.to), block };
}

/** Takes the block out again. @throws RigError `RIG_SSH_CONFIG_BROKEN` (5) */
export function withoutBlock(text: string, file: string): string {
  const span = findBlock(text, file);
  if (span === undefined) return text;
  // The empty line that came with the block goes with it.
  const to = span.from === 0 && text[span.to] === '\n' ? span.to + 1 : span.to;
  return text.slice(0, span.from) + text.slice(to);
}

/** The whole block. */
export function blockOf(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, lines }) => [`${SECTION}${name}`, ...lines]);
  return `${[...HEAD, ...lines, ...FOOT].join('\n')}\n`;
}

function findBlock(text: string, file: string): Span | undefined {
  const begins: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    if (line.trim() === BEGIN) begins.push(at);
    at += line.length;
    if (line.trim() === END) ends.push(at);
  }
  if (begins.length === 0 && ends.length === 0) return undefined;
  const [from, to] = [begins[0], ends[0]];
  if (begins.length === 1 && ends.length === 1 && from !== undefined && to !== undefined && from < to)
    return { from, to };
  throw new RigError({
    code: 'RIG_SSH_CONFIG_BROKEN',
    message: `rig's block in ${file} is damaged: it has ${count(begins.length, BEGIN)} and ${count(ends.length, END)}`,
    hint: `take out what is left of the block by hand, with both lines, and run this again`,
    exitCode: ExitCode.Conflict,
  });
}

const count = (times: number, line: string): string => `"${line}" ${times === 1 ? 'once' : `${times} times`}`;

function sectionsOf(block: string): Section[] {
  const sections: Array<{ name: string; lines: string[] }> = [];
  const lines = block.split('\n').map((line) => line.trimEnd());
  for (const line of lines.slice(HEAD.length, lines.lastIndexOf(FOOT[0] as string))) {
    if (line.startsWith(SECTION)) sections.push({ name: line.slice(SECTION.length), lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}
