import { Option, RigCommand, type Services, stream } from '@rig/plugin-api';
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
      'longer keeps is a record {"gap": {"from", "to"}}. With -o ndjson a record a line; each has a number "seq", with ' +
      'which --after goes on later.\n\n' +
      'With --app or --network it ends when that is deleted.',
    examples: [
      ['Everything that happens from now on', '$0 events'],
      ['Deployments of the app api of the network shop', '$0 events --app api.shop --type deployment'],
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

  async *run(services: Services): AsyncGenerator<EventRecord> {
    const type = parseType(this.type);
    const after = parseAfter(this.after);
    const config = await services.config();
    const app = this.app === undefined ? undefined : config.app({ app: this.app, network: this.network });
    const network = this.network === undefined ? undefined : config.network(this.network).network;
    yield* readEvents(services, { app, network, type, after });
  }
}
