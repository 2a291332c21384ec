import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord } from './record.ts';
import { decodeHeader, encodeHeader, Segment, type SourceMap, segmentName } from './segment.ts';

const NEWLINE = 0x0a;
const REST = '.trim';

/** Whether a file is what a crash left of a trim. */
export function isTrimRest(name: string): boolean {
  return name.endsWith(REST);
}

/**
 * Writes the youngest records of a segment that is no longer written to as one of its own, of at most so many bytes. The old
 * one stays for the caller to remove: until then both are there, and a log that is opened so reads each record once.
 *
 * @returns `undefined` where not even one record fits, or the segment cannot be understood
 */
export function trimSegment(folder: string, segment: Segment, bytes: number): Segment | undefined {
  const content = readFileSync(segment.path);
  const headerEnd = content.indexOf(NEWLINE);
  const header = decodeHeader(content.toString('utf8', 0, Math.max(0, headerEnd)));
  if (header === undefined) return undefined;
  const { sources } = header;
  const next = segment.first + segment.count;
  let first = segment.first;
  let start = headerEnd + 1;
  // The head becomes longer with the files that records came from: counted when the cut is found.
  while (first < next && content.length - start + encodeHeader(first, sources).length > bytes) {
    const end = content.indexOf(NEWLINE, start);
    if (end === -1) return undefined;
    noteSource(content.toString('utf8', start, end), sources);
    start = end + 1;
    first += 1;
  }
  if (first === next) return undefined;
  const path = join(folder, segmentName(first));
  writeFileSync(path + REST, Buffer.concat([encodeHeader(first, sources), content.subarray(start)]), { mode: 0o600 });
  // Its lines are as old as they were.
  const { atime, mtime } = statSync(segment.path);
  utimesSync(path + REST, atime, mtime);
  renameSync(path + REST, path);
  return Segment.closed(folder, first, next);
}

function noteSource(line: string, sources: SourceMap): void {
  const source = decodeRecord(line)?.source;
  if (source !== undefined) sources.set(source.file, { offset: source.offset, cut: source.cut });
}
