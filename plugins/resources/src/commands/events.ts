import {
  ExitCode,
  Option,
  parseLimit,
  RigCommand,
  RigError,
  type Services,
  shouldFollow,
  stream,
} from '@rig/plugin-api';
import type { EventRecord } from '../events/follow-events.ts';
import { parseAfter, parseType, readEvents } from '../events/read-events.ts';
import { formatEvent } from '../views/events.ts';

/** `rig events`. */
export class EventsCommand extends RigCommand<EventRecord> {
  static override paths = [['events']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show what happens to networks and apps, as it happens',
    details:
      'Follows until Ctrl-C, over a Max that restarts too: nothing is left out and nothing comes twice, and what Max no ' +
      'longer keeps is a record {"gap": {"from", "to"}}. While the socket is dead Max is asked by HTTP, which is said. With ' +
      '-o ndjson a record a line; each has a number "seq", with which --after goes on later.\n\n' +
      'With --no-follow, and with -o json or -o yaml as one document, what has happened until now: the most recent events, ' +
      'or those after --after.\n\n' +
      'With --app or --network it ends when that is deleted.',
    examples: [
      ['Everything that happens from now on', '$0 events'],
      ['Deployments of the app api of the network shop', '$0 events --app api.shop --type deployment'],
      ['The last 20 that are about the network shop', '$0 events --network shop --no-follow --limit 20'],
      ['For a script: all that is kept, and what comes', '$0 events --after 0 -o ndjson'],
    ],
  });
  static override result = stream<EventRecord>(formatEvent);

  app = Option.String('--app', { description: 'Only events of this app' });
  network = Option.String('--network', { description: 'Only events of this network and its apps' });
  type = Option.String('--type', {
    description: 'Only events of this type: deployment.updated, or deployment for all of its kind',
  });
  after = Option.String('--after', {
    description: 'Begin with the event after this number; 0 for all that is kept',
  });
  limit = Option.String('--limit', {
    description: 'Without following at most so many; of the most recent 100 unless said, of those after --after all',
  });
  follow = Option.Boolean('--follow', {
    description: 'Go on with what happens, which is the default; --no-follow does not',
  });

  async *run(services: Services): AsyncGenerator<EventRecord> {
    const type = parseType(this.type);
    const after = parseAfter(this.after);
    const follow = shouldFollow(this.follow, services.output.format);
    const limit = this.limit === undefined ? undefined : parseLimit(this.limit, 0);
    if (follow && limit !== undefined) throw endlessLimit();
    const config = await services.config();
    const app = this.app === undefined ? undefined : config.app({ app: this.app, network: this.network });
    const network = this.network === undefined ? undefined : config.network(this.network).network;
    yield* readEvents(services, { app, network, type, after, follow, limit });
  }
}

const endlessLimit = (): RigError =>
  new RigError({
    code: 'RIG_BAD_OPTION',
    message: '--limit is of what has happened, and following has no end',
    hint: 'add --no-follow, or begin after a number and follow: --after',
    exitCode: ExitCode.Usage,
  });
