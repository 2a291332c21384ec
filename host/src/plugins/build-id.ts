import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The id of this build of the host, by its content; indexes of other builds are made anew. */
export function buildId(dist: string): string {
  return readFileSync(join(dist, 'build-id'), 'utf8');
}
