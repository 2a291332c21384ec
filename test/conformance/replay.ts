import { setTimeout as sleep } from 'node:timers/promises';
import { fragmentedMessage, shortenedLike, wholeOf, withLeftOutPushes } from './elided.ts';
import { ReplayConnection, requestOnce } from './replay-connection.ts';
import { lineOf, readRequest, type Transcript, type TranscriptEvent } from './transcript.ts';

/** What came over each connection, in order: as recorded, and now. */
export interface Outcome {
  readonly recorded: Record<string, string[]>;
  readonly replayed: Record<string, string[]>;
}

/** The mount whose transcripts are about time: there the client waits as long as the recorded one did. */
const timedMount = 'GET /socket_short/';
const fragment = /fin=(true|false), (\d+) bytes/;

/**
 * Does what the client of a transcript did, waiting wherever the recorded server had answered first, and gathers what
 * this server says. At the end every open connection sends a heartbeat, so that an answer too many is not missed.
 */
export async function replay(transcript: Transcript, base: string): Promise<Outcome> {
  const recorded: Record<string, string[]> = {};
  const replayed: Record<string, string[]> = {};
  const connections = new Map<string, ReplayConnection>();
  const isTimed = transcript.events.some(({ data }) => data?.startsWith(timedMount));
  const events = withLeftOutPushes(transcript.events);
  const message = messageInFragments(events);
  let at = 0;
  let last: string | undefined;
  try {
    for (const event of events) {
      if (event.dir === 'note' || event.type === 'tcp_end') continue;
      const name = event.conn ?? '';
      recorded[name] ??= [];
      replayed[name] ??= [];
      const log = replayed[name];
      const expected = lineOf(event);
      if (isTimed && expected === undefined) await sleep(event.t - at);
      at = event.t;
      // Another connection may overtake: what was sent on the last one comes first.
      if (expected === undefined && last !== undefined && last !== name) await connections.get(last)?.reached();
      if (expected === undefined) last = name;
      if (expected !== undefined) {
        recorded[name].push(expected);
        await connections.get(name)?.recorded(recorded[name].length);
      } else if (event.type === 'http') {
        const request = readRequest(event.data ?? '');
        if (request.upgrade) connections.set(name, await ReplayConnection.open(base, request, log));
        else await requestOnce(base, request, log);
      } else {
        act(connections.get(name), event, message);
      }
    }
    await Promise.all([...connections.values()].map((connection) => connection.fence()));
  } finally {
    await Promise.all([...connections.values()].map((connection) => connection.destroy()));
  }
  for (const [name, lines] of Object.entries(replayed)) {
    replayed[name] = lines.map((line, i) => shortenedLike(recorded[name]?.[i], line));
  }
  return { recorded, replayed };
}

/** What is left to send of a message whose fragments are recorded by their length. */
interface Fragments {
  rest: string;
}

function messageInFragments(events: readonly TranscriptEvent[]): Fragments {
  const lengths = events
    .filter(({ type }) => type === 'fragment')
    .map(({ data = '' }) => Number(fragment.exec(data)?.[2]));
  return { rest: lengths.length === 0 ? '' : fragmentedMessage(lengths.reduce((sum, length) => sum + length, 0)) };
}

function act(connection: ReplayConnection | undefined, event: TranscriptEvent, message: Fragments): void {
  if (connection === undefined) throw new Error(`the transcript uses a connection that it did not open`);
  const { type, data = '', code, reason } = event;
  if (type === 'text') connection.send(wholeOf(event));
  else if (type === 'binary') connection.send(Buffer.from(wholeOf(event), 'hex'));
  else if (type === 'fragment') {
    const [, isLast, length] = fragment.exec(data) ?? [];
    connection.sendFragment(message.rest.slice(0, Number(length)), isLast === 'true');
    message.rest = message.rest.slice(Number(length));
  } else if (type === 'rawbytes') connection.sendRaw(Buffer.from(data, 'hex'));
  else if (type === 'ping') connection.ping(Buffer.from(data, 'hex'));
  else if (type === 'close') connection.close(code ?? undefined, reason);
  else if (type === 'tcp_destroy') connection.drop();
  else throw new Error(`the transcript holds an event of unknown type ${type}`);
}
