import type { PageOf, PageRequest } from '../runtime.ts';

/** Makes a page, newest first, of rows that are numbered; the cursor is the last row's number. */
export function pageOf<Row extends { number: number }, T>(
  { limit, cursor }: PageRequest,
  read: (before: number, limit: number) => Row[],
  show: (row: Row) => T,
): PageOf<T> {
  const before = /^\d{1,15}$/.test(cursor ?? '') ? Number(cursor) : Number.MAX_SAFE_INTEGER;
  const rows = read(before, limit + 1);
  const items = rows.slice(0, limit);
  return { items: items.map(show), next: rows.length > limit ? String(items.at(-1)!.number) : null };
}
