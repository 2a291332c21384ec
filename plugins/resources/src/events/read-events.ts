import { ExitCode, type Http, isRigError, RigError, type Services } from '@rig/plugin-api';
import type { EventPage, WhoAmI } from '@rig/plugin-api/max';
import { getApp, type Ref } from '../apps.ts';
import { getNetwork } from '../networks.ts';
import { type EventRecord, followEvents } from './follow-events.ts';
import { type EventQuery, MOST_AT_ONCE, recentEvents } from './recent-events.ts';

/** What of it is shown. */
export interface EventSelection {
  /** Of an app, or of a network; of everything unless one is given. */
  app: Ref | undefined;
  network: string | undefined;
  /** `deployment.updated`, or `deployment` for all whose type begins so. */
  type: string | undefined;
  after: number | undefined;
  /** Go on with what happens from now on. */
  follow: boolean;
  /** At most so many of what has happened; of the most recent 100 unless `after` says where to begin. */
  limit: number | undefined;
}

const TYPE = /^[a-z]+(?:\.(?:[a-z]+|\*))?$/;

/** Reads the value of `--type`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseType(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (TYPE.test(text)) return text.replace(/\.\*$/, '');
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--type must be a type of events, and is ${JSON.stringify(text)}`,
    hint: 'for example: --type deployment.updated, or --type deployment for all of its kind',
    exitCode: ExitCode.Usage,
  });
}

/** Reads the value of `--after`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seq = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seq)) return seq;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--after must be the number of an event, and is ${JSON.stringify(text)}`,
    hint: 'the "seq" of the last event that you have seen, or 0 for all that is kept: --after 0',
    exitCode: ExitCode.Usage,
  });
}

/** Reads what has happened, and then what follows, until Ctrl-C or until what it is about is deleted. */
export async function* readEvents(services: Services, selection: EventSelection): AsyncGenerator<EventRecord> {
  const { signal, output } = services;
  const http = await services.http();
  const { topic, query } = await sourceOf(http, selection);
  const { type, after, follow } = selection;
  if (!follow) {
    yield* recentEvents(http, { ...query, ...(type === undefined ? {} : { type }) }, selection);
    return;
  }
  const read = (from: number | undefined): Promise<EventPage> =>
    http.get<EventPage>('/v1/events', {
      query: from === undefined ? { limit: 1 } : { ...query, after: from, limit: MOST_AT_ONCE },
      signal,
      timeout: 10_000,
    });
  const note = (text: string): void => output.note(text);
  for await (const record of followEvents({ socket: await services.socket(), topic, after, read, note, signal }))
    if ('gap' in record || type === undefined || record.type === type || record.type.startsWith(`${type}.`))
      yield record;
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}

/** Where the events of a selection are: ids are stable where names are not. */
async function sourceOf(http: Http, { app, network }: EventSelection): Promise<{ topic: string; query: EventQuery }> {
  if (app !== undefined) {
    const { id } = await getApp(http, app);
    return { topic: `app:${id}`, query: { app: id } };
  }
  if (network !== undefined) {
    const { id } = await getNetwork(http, network);
    return { topic: `network:${id}`, query: { network: id } };
  }
  return { topic: `user:${(await http.get<WhoAmI>('/v1/whoami')).user.id}`, query: {} };
}
