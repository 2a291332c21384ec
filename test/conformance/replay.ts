import { ReplayConnection, requestOnce } from './replay-connection.ts';
import { lineOf, readRequest, type Transcript, type TranscriptEvent } from './transcript.ts';

/** What came over each connection, in order: as recorded, and now. */
export interface Outcome {
  readonly recorded: Record<string, string[]>;
  readonly replayed: Record<string, string[]>;
}

/**
 * Does what the client of a transcript did, waiting wherever the recorded server had answered first, and gathers what
 * this server says. At the end every open connection sends a heartbeat, so that an answer too many is not missed.
 */
export async function replay(transcript: Transcript, base: string): Promise<Outcome> {
  const recorded: Record<string, string[]> = {};
  const replayed: Record<string, string[]> = {};
  const connections = new Map<string, ReplayConnection>();
  try {
    for (const event of transcript.events) {
      if (event.dir === 'note' || event.type === 'tcp_end') continue;
      const name = event.conn ?? '';
      recorded[name] ??= [];
      replayed[name] ??= [];
      const log = replayed[name];
      const expected = lineOf(event);
      if (expected !== undefined) {
        recorded[name].push(expected);
        await connections.get(name)?.recorded(recorded[name].length);
      } else if (event.type === 'http') {
        const request = readRequest(event.data ?? '');
        if (request.upgrade) connections.set(name, await ReplayConnection.open(base, request, log));
        else await requestOnce(base, request, log);
      } else {
        act(connections.get(name), event);
      }
    }
    await Promise.all([...connections.values()].map((connection) => connection.fence()));
  } finally {
    await Promise.all([...connections.values()].map((connection) => connection.destroy()));
  }
  return { recorded, replayed };
}

function act(connection: ReplayConnection | undefined, { type, data = '', code, reason }: TranscriptEvent): void {
  if (connection === undefined) throw new Error(`the transcript uses a connection that it did not open`);
  if (type === 'text') connection.send(data);
  else if (type === 'binary') connection.send(Buffer.from(data, 'hex'));
  else if (type === 'rawbytes') connection.sendRaw(Buffer.from(data, 'hex'));
  else if (type === 'ping') connection.ping(Buffer.from(data, 'hex'));
  else if (type === 'close') connection.close(code ?? undefined, reason);
  else if (type === 'tcp_destroy') connection.drop();
  else throw new Error(`the transcript holds an event of unknown type ${type}`);
}
