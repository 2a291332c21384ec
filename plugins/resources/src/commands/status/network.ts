import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { NetworkStatus } from '@rig/plugin-api/max';
import { requireName } from '../../names.ts';
import { networkStatus } from '../../networks.ts';
import { networkStatusView } from '../../views/network.ts';

/** `rig status network NAME`. */
export class StatusNetworkCommand extends RigCommand<NetworkStatus> {
  static override paths = [['status', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show how a network and its apps fare',
    examples: [['The network shop', '$0 status network shop']],
  });
  static override result = networkStatusView;

  name = Option.String({ required: true, name: 'NAME' });

  async run(services: Services): Promise<NetworkStatus> {
    requireName('network', this.name, () => 'see which there are: rig list networks');
    return networkStatus(await services.http(), this.name);
  }
}
