import { readdirSync, readFileSync } from 'node:fs';
import { isOutcome, RACES } from './races.ts';
import type { Outcome } from './replay.ts';
import type { Transcript } from './transcript.ts';

const folder = new URL('./transcripts/', import.meta.url);

/** Every recorded scenario. */
export function readTranscripts(): Transcript[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Transcript);
}

/** The connections of a scenario with a race that were told something which the reference never said. */
export function strayConnections(scenario: string, { recorded, replayed }: Outcome): string[] {
  const race = RACES[scenario];
  return Object.entries(replayed)
    .filter(([name, lines]) => race === undefined || !isOutcome(race, lines, recorded[name] ?? []))
    .map(([name, lines]) => `${name} was told ${JSON.stringify(lines, undefined, 2)}`);
}
