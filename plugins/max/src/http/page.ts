import { ProblemError } from './problem-error.ts';

/** Items of a page unless the client says otherwise, and the most it may ask for. */
export const PAGE_DEFAULT = 100;
export const PAGE_LIMIT = 500;

/**
 * Reads a whole number of the query.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400)
 */
export function numberOf(query: URLSearchParams, name: string, from: number, to: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) {
    const wanted = to === Number.MAX_SAFE_INTEGER ? `of ${from} or more` : `from ${from} to ${to}`;
    throw new ProblemError(400, 'RIG_BAD_REQUEST', `"${name}" must be a whole number ${wanted}`);
  }
  return value;
}

/** The `limit` of a list. */
export function limitOf(query: URLSearchParams): number {
  return numberOf(query, 'limit', 1, PAGE_LIMIT) ?? PAGE_DEFAULT;
}

/** Writes the place where a list goes on: opaque to clients. */
export function writeCursor(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * Reads where a list goes on; as many empty texts as `length` says for its beginning.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400) for a cursor that no list gave
 */
export function readCursor(query: URLSearchParams, length: number): string[] {
  const text = query.get('cursor');
  if (text === null) return Array.from({ length }, () => '');
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(place) && place.length === length && place.every((part) => typeof part === 'string'))
      return place;
  } catch {
    // Said below.
  }
  throw new ProblemError(400, 'RIG_BAD_REQUEST', '"cursor" is not one that this list gave', {
    fix: 'begin the list anew, without a cursor',
  });
}

/** Makes a page of a list that was asked for one item more than fits. */
export function pageOf<R, T>(rows: R[], limit: number, show: (row: R) => T, place: (row: R) => readonly string[]) {
  const more = rows.length > limit;
  const shown = more ? rows.slice(0, limit) : rows;
  const last = shown.at(-1);
  return { items: shown.map(show), next: more && last !== undefined ? writeCursor(place(last)) : null };
}
