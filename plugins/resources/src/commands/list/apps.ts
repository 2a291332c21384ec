import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { App } from '@rig/plugin-api/max';
import { listApps } from '../../apps.ts';
import { appList } from '../../views/app.ts';

/** `rig list apps [--network N]`. */
export class ListAppsCommand extends RigCommand<App[]> {
  static override paths = [['list', 'apps']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the apps of all networks, or of one',
    examples: [['The apps of the network shop', '$0 list apps --network shop']],
  });
  static override result = appList;

  network = Option.String('--network', { description: 'Only the apps of this network' });
  limit = Option.String('--limit', { description: 'List at most that many; all of them unless said' });

  async run(services: Services): Promise<App[]> {
    const limit = parseLimit(this.limit, Number.POSITIVE_INFINITY);
    const network = this.network === undefined ? undefined : (await services.config()).network(this.network).network;
    return listApps(await services.http(), network, limit);
  }
}
