import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { Network } from '@rig/plugin-api/max';
import { requireName } from '../../names.ts';
import { createNetwork } from '../../networks.ts';
import { createdNetwork } from '../../views/network.ts';

/** `rig create network [NAME]`. */
export class CreateNetworkCommand extends RigCommand<Network> {
  static override paths = [['create', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Create a network',
    details: 'A network is a subdomain that apps live in: NAME.DOMAIN. Without NAME Max chooses one.',
    examples: [
      ['Create the network shop', '$0 create network shop'],
      ['Let Max choose the name', '$0 create network'],
    ],
  });
  static override result = createdNetwork;

  name = Option.String({ required: false, name: 'NAME' });

  async run(services: Services): Promise<Network> {
    if (this.name !== undefined) requireName('network', this.name, (valid) => `rig create network ${valid}`);
    await services.output.target(this.name === undefined ? 'a new network' : `network ${this.name}`);
    return createNetwork(await services.http(), this.name);
  }
}
