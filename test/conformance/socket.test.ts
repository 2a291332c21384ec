import { describe, expect, it } from 'vitest';
import { isOutcome, RACES } from './races.ts';
import { startReferenceServer } from './reference-server.ts';
import { type Outcome, replay } from './replay.ts';
import type { Transcript } from './transcript.ts';
import { readTranscripts, strayConnections } from './transcripts.ts';

const transcripts = readTranscripts();
const named = (deterministic: boolean) =>
  transcripts.filter((one) => one.deterministic === deterministic).map((one) => [one.scenario, one] as const);

async function outcomeOf(transcript: Transcript): Promise<Outcome> {
  const server = await startReferenceServer();
  try {
    return await replay(transcript, server.base);
  } finally {
    await server.kill();
  }
}

// Side by side, because some of them wait for timers of seconds; each has a server of its own.
describe.concurrent('the socket layer says what a genuine Phoenix server says', () => {
  it('in every scenario that has been recorded', ({ expect }) => {
    expect(named(true)).toHaveLength(104);
    expect(named(false).map(([name]) => name)).toEqual(Object.keys(RACES).sort());
  });

  it.each(named(true))('%s', async (_name, transcript) => {
    const { recorded, replayed } = await outcomeOf(transcript);
    expect(replayed).toEqual(recorded);
  });
});

describe.concurrent('where the reference is in a race, the socket layer says one of the things that it says', () => {
  it.each(named(false))('%s', async (name, transcript) => {
    expect(strayConnections(name, await outcomeOf(transcript))).toEqual([]);
  });

  it('and nothing else', ({ expect }) => {
    const [join, end] = ['joined', 'text ["1","1","echo:1","phx_close",{}]'];
    const race = RACES.stop_pipelined ?? {};
    expect(isOutcome(race, ['http 101 ', join, end], ['http 101 ', join, end, 'more'])).toBe(true);
    expect(isOutcome(race, ['http 101 ', join], ['http 101 ', join, end])).toBe(false);
    expect(isOutcome(race, ['http 101 ', join, end, end], ['http 101 ', join, end])).toBe(false);
    expect(isOutcome(race, ['http 101 ', 'refused', end], ['http 101 ', join, end])).toBe(false);
    const byTopic = RACES.push_blocking_two_topics ?? {};
    expect(isOutcome(byTopic, ['"echo:1" 1', '"echo:2"', '"echo:1" 2'], ['"echo:2"', '"echo:1" 1', '"echo:1" 2'])).toBe(
      true,
    );
    expect(isOutcome(byTopic, ['"echo:1" 2', '"echo:1" 1'], ['"echo:1" 1', '"echo:1" 2'])).toBe(false);
  });
});
