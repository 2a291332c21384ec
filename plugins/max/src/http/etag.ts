import { createHash } from 'node:crypto';
import { ProblemError } from './problem-error.ts';

/** The entity tag of a JSON text. */
export function etagOf(json: string | Buffer): string {
  return `"${createHash('sha256').update(json).digest('base64url').slice(0, 27)}"`;
}

function listed(header: string, etag: string, weak: boolean): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((part) => {
    const tag = part.trim();
    return tag === etag || (weak && tag === `W/${etag}`);
  });
}

/**
 * Refuses a change that was meant for another state of the resource.
 *
 * @param resource what a `GET` of it answers now
 * @throws ProblemError `RIG_STALE` (412)
 */
export function checkMatch(header: string | undefined, resource: unknown, what: string): void {
  if (header === undefined || listed(header, etagOf(JSON.stringify(resource)), false)) return;
  throw new ProblemError(412, 'RIG_STALE', `${what} has changed since it was read: If-Match is not its ETag`, {
    fix: 'read it again, and decide anew',
  });
}

/** Whether the client has this state of the resource already. */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && listed(ifNoneMatch, etag, true);
}
