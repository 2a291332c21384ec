import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Build } from '@rig/plugin-api/max';
import { HISTORY_LIMIT, listBuilds } from '../../history.ts';
import { buildList } from '../../views/history.ts';

/** `rig list builds --app APP`. */
export class ListBuildsCommand extends RigCommand<Build[]> {
  static override paths = [['list', 'builds']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the builds of an app, newest first',
    examples: [['The builds of the app api in the network shop', '$0 list builds --app api.shop']],
  });
  static override result = buildList;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  limit = Option.String('--limit', { description: 'List at most that many; 20 unless said' });

  async run(services: Services): Promise<Build[]> {
    const limit = parseLimit(this.limit, HISTORY_LIMIT);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    return listBuilds(await services.http(), ref, limit);
  }
}
