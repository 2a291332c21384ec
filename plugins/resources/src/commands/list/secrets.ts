import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Secret } from '@rig/plugin-api/max';
import { listSecrets } from '../../config/change.ts';
import { secretList } from '../../views/config.ts';

/** `rig list secrets`. */
export class ListSecretsCommand extends RigCommand<Secret[]> {
  static override paths = [['list', 'secrets']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the secrets of an app: names, digests and dates, never values',
    examples: [['The secrets of the app api in the network shop', '$0 list secrets --app api.shop']],
  });
  static override result = secretList;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  limit = Option.String('--limit', { description: 'List at most that many; all of them unless said' });

  async run(services: Services): Promise<Secret[]> {
    const limit = parseLimit(this.limit, Number.POSITIVE_INFINITY);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    return listSecrets(await services.http(), ref, limit);
  }
}
