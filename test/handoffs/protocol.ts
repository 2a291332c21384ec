import assert from 'node:assert/strict';
import { createSocket } from '../../host/src/socket/index.ts';
import { startReferenceProcess } from '../conformance/reference-process.ts';
import { replay } from '../conformance/replay.ts';
import type { Transcript } from '../conformance/transcript.ts';
import { readTranscripts, strayConnections } from '../conformance/transcripts.ts';
import type { Line } from './line.ts';

async function mustHold(transcript: Transcript, base: string): Promise<void> {
  const outcome = await replay(transcript, base);
  if (transcript.deterministic) assert.deepEqual(outcome.replayed, outcome.recorded, transcript.scenario);
  else assert.deepEqual(strayConnections(transcript.scenario, outcome), [], transcript.scenario);
}

/** services.socket() against the same channels, which answer as the reference does. */
async function mustBeSpoken(base: string): Promise<void> {
  const socket = createSocket({
    url: `http://${base}`,
    token: async () => 'good',
    userAgent: 'handoff',
    signal: AbortSignal.timeout(30_000),
  });
  try {
    const echo = await socket.join('echo:spoken');
    assert.deepEqual(await echo.push('any', { text: 'ü' }), { text: 'ü' });
    await assert.rejects(echo.push('err', { no: 1 }), { code: 'RIG_CHANNEL_ERROR' });
    await assert.rejects(socket.join('deny:spoken'), { code: 'RIG_JOIN_REFUSED' });
    const binary = await socket.join('bin:spoken');
    const bytes = Buffer.from([0, 255, 10]);
    assert.deepEqual(await binary.push('echo', bytes), bytes);
    await echo.leave();
  } finally {
    await socket.dispose();
  }
}

/** The protocol, replayed against a server in another process. */
export const protocol: Line = {
  handoff: '2 → 3 communication',
  name: 'the Phoenix channel protocol is fully served and spoken (shared transcripts)',
  async check() {
    const transcripts = readTranscripts();
    const server = await startReferenceProcess();
    try {
      const base = `127.0.0.1:${server.port}`;
      await mustBeSpoken(base);
      // One after the other: they share topics, and must not hear each other.
      for (const transcript of transcripts) await mustHold(transcript, base);
    } finally {
      await server.end('SIGTERM');
    }
    const same = transcripts.filter(({ deterministic }) => deterministic).length;
    return {
      value: transcripts.length,
      unit: '',
      note: `scenarios, ${same} the same and the others as the reference may`,
    };
  },
};
