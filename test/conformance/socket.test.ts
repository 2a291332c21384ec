import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReferenceServer, startReferenceServer } from './reference-server.ts';
import { replay } from './replay.ts';
import type { Transcript } from './transcript.ts';

const folder = new URL('./transcripts/', import.meta.url);
const transcripts = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Transcript);

describe('the socket layer says what a genuine Phoenix server says', () => {
  let server: ReferenceServer;
  beforeEach(async () => {
    server = await startReferenceServer();
  });
  afterEach(() => server.kill());

  it('has transcripts to be measured by', () => {
    expect(transcripts.length).toBeGreaterThan(80);
  });

  it.each(transcripts.map((transcript) => [transcript.scenario, transcript] as const))(
    '%s',
    async (_name, transcript) => {
      const { recorded, replayed } = await replay(transcript, server.base);
      expect(replayed).toEqual(recorded);
    },
  );
});
