import { ProblemError } from '../http/problem-error.ts';

/** The manifest is not one: what is wrong with which entry. */
export function badManifest(detail: string): ProblemError {
  return new ProblemError(400, 'RIG_BAD_REQUEST', detail, { fix: 'send a manifest as docs/max-api.md has it' });
}
