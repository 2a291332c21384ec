import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Deployment } from '@rig/plugin-api/max';
import { HISTORY_LIMIT, listDeployments } from '../../history.ts';
import { deploymentList } from '../../views/history.ts';

/** `rig list deployments --app APP`. */
export class ListDeploymentsCommand extends RigCommand<Deployment[]> {
  static override paths = [['list', 'deployments']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the deployments of an app, newest first',
    examples: [['The deployments of the app api in the network shop', '$0 list deployments --app api.shop']],
  });
  static override result = deploymentList;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  limit = Option.String('--limit', { description: 'List at most that many; 20 unless said' });

  async run(services: Services): Promise<Deployment[]> {
    const limit = parseLimit(this.limit, HISTORY_LIMIT);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    return listDeployments(await services.http(), ref, limit);
  }
}
