import type { Log } from './log.ts';
import { boundsOf, lastMatching } from './positions.ts';
import { DEFAULT_LINES, type Selection } from './selection.ts';

interface Last {
  id: string;
  seq: number;
  at: string;
}

/**
 * Finds after which line of each app a network's log begins: `lines` counts those of all apps together.
 *
 * @param resumed where apps are gone on with, by id
 */
export async function networkBounds(
  apps: ReadonlyArray<{ id: string; log: Log }>,
  selection: Selection,
  resumed: Readonly<Record<string, unknown>>,
): Promise<Record<string, number>> {
  const after: Record<string, number> = {};
  const wanted = selection.lines ?? (selection.since === undefined ? DEFAULT_LINES : undefined);
  let last: Last[] = [];
  for (const { id, log } of apps) {
    const given = Object.hasOwn(resumed, id) ? resumed[id] : undefined;
    if (Number.isSafeInteger(given) && (given as number) >= 0) {
      after[id] = Math.min(given as number, log.last);
      continue;
    }
    const { after: from, to } = await boundsOf(log, selection, undefined);
    after[id] = from;
    if (wanted === undefined) continue;
    const end = to ?? log.last;
    const seqs = await lastMatching(log, selection.filter, wanted, Math.max(from, log.first - 1), end);
    for (const seq of seqs) last.push({ id, seq, at: log.read(seq - 1, { lines: 1 }).lines[0]?.at ?? '' });
    last = last.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.seq - a.seq)).slice(0, wanted);
    // Nothing of this app may be among the last of all.
    after[id] = end;
  }
  for (const { id, seq } of last) after[id] = Math.min(after[id] ?? seq - 1, seq - 1);
  return after;
}
