import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Release } from '@rig/plugin-api/max';
import { HISTORY_LIMIT, listReleases } from '../../history.ts';
import { releaseList } from '../../views/history.ts';

/** `rig list releases --app APP`. */
export class ListReleasesCommand extends RigCommand<Release[]> {
  static override paths = [['list', 'releases']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the releases of an app, newest first',
    examples: [['The releases of the app api in the network shop', '$0 list releases --app api.shop']],
  });
  static override result = releaseList;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  limit = Option.String('--limit', { description: 'List at most that many; 20 unless said' });

  async run(services: Services): Promise<Release[]> {
    const limit = parseLimit(this.limit, HISTORY_LIMIT);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    return listReleases(await services.http(), ref, limit);
  }
}
