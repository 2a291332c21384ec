import { ExitCode, type Http, isRigError, RigError, type Services } from '@rig/plugin-api';
import type { WhoAmI } from '@rig/plugin-api/max';
import { getApp, type Ref } from '../apps.ts';
import { getNetwork } from '../networks.ts';
import { type EventRecord, followEvents } from './follow-events.ts';

/** What of it is shown. */
export interface EventSelection {
  /** Of an app, or of a network; of everything unless one is given. */
  app: Ref | undefined;
  network: string | undefined;
  /** `deployment.updated`, or `deployment` for all whose type begins so. */
  type: string | undefined;
  after: number | undefined;
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

/** Follows what happens, until Ctrl-C or until what it is about is deleted. */
export async function* readEvents(services: Services, selection: EventSelection): AsyncGenerator<EventRecord> {
  const { signal } = services;
  const topic = await topicOf(await services.http(), selection);
  const { type, after } = selection;
  for await (const record of followEvents({ socket: await services.socket(), topic, after, signal }))
    if ('gap' in record || type === undefined || record.type === type || record.type.startsWith(`${type}.`))
      yield record;
  if (signal.aborted && isRigError(signal.reason)) throw signal.reason;
}

/** The topic of a selection: ids are stable where names are not. */
async function topicOf(http: Http, { app, network }: EventSelection): Promise<string> {
  if (app !== undefined) return `app:${(await getApp(http, app)).id}`;
  if (network !== undefined) return `network:${(await getNetwork(http, network)).id}`;
  return `user:${(await http.get<WhoAmI>('/v1/whoami')).user.id}`;
}
