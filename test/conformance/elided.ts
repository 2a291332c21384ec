import type { TranscriptEvent } from './transcript.ts';

/** Long data is recorded by its beginning and its length. */
const elided = /^([\s\S]*)\.\.\. \((\d+) (?:bytes|chars)\)$/;

/** What stands at the end of every long text that a client sent. */
const textEnd = '"}]';

/** The whole of a client's data: what was left out repeats the last of what was not. */
export function wholeOf({ type, data = '' }: TranscriptEvent): string {
  const match = elided.exec(data);
  if (match === null) return data;
  const [, beginning = '', length] = match;
  if (type === 'binary') return beginning + beginning.slice(-2).repeat(Number(length) - beginning.length / 2);
  return padded(beginning, Number(length));
}

/** The message of a client that was sent in fragments, of which only the lengths are recorded. */
export function fragmentedMessage(bytes: number): string {
  return padded('["1","2","echo:1","hi",{"s":"a', bytes);
}

/** Shortens a line of what a server sent in the way that the recorded one was. */
export function shortenedLike(recorded: string | undefined, line: string): string {
  const match = elided.exec(recorded ?? '');
  if (match === null) return line;
  const isBinary = line.startsWith('binary ');
  const length = line.length - line.indexOf(' ') - 1;
  return `${line.slice(0, match[1]?.length)}... (${isBinary ? `${length / 2} bytes` : `${length} chars`})`;
}

/** Puts back the pushes that were left out in the midst of numbered ones. */
export function withLeftOutPushes(events: readonly TranscriptEvent[]): TranscriptEvent[] {
  const numbered = /^(\["1",null,"echo:1","n",\{"i":)(\d+)(\}\])$/;
  const whole: TranscriptEvent[] = [];
  for (const event of events) {
    const match = numbered.exec(event.data ?? '');
    const before = numbered.exec(whole.at(-1)?.data ?? '');
    if (match !== null && before !== null) {
      for (let i = Number(before[2]) + 1; i < Number(match[2]); i += 1) {
        whole.push({ ...event, data: `${match[1]}${i}${match[3]}` });
      }
    }
    whole.push(event);
  }
  return whole;
}

function padded(beginning: string, bytes: number): string {
  return beginning + beginning.slice(-1).repeat(bytes - Buffer.byteLength(beginning) - textEnd.length) + textEnd;
}
