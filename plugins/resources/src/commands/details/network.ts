import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { NetworkDetails } from '@rig/plugin-api/max';
import { requireName } from '../../names.ts';
import { networkDetails } from '../../networks.ts';
import { networkDetailsView } from '../../views/network.ts';

/** `rig details network NAME`. */
export class DetailsNetworkCommand extends RigCommand<NetworkDetails> {
  static override paths = [['details', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show the whole configuration of a network',
    examples: [['The network shop', '$0 details network shop']],
  });
  static override result = networkDetailsView;

  name = Option.String({ required: true, name: 'NAME' });

  async run(services: Services): Promise<NetworkDetails> {
    requireName('network', this.name, () => 'see which there are: rig list networks');
    return networkDetails(await services.http(), this.name);
  }
}
