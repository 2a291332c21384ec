import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { requireName } from '../../names.ts';
import { type Deleted, deleteNetwork, requireEmpty } from '../../networks.ts';
import { deletedView } from '../../views/network.ts';

/** `rig delete network NAME`. */
export class DeleteNetworkCommand extends RigCommand<Deleted> {
  static override paths = [['delete', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Delete a network that has no apps',
    details: 'Asks to type the name of the network; --yes answers in scripts.',
    examples: [['Delete the network shop without a question', '$0 delete network shop --yes']],
  });
  static override result = deletedView;

  name = Option.String({ required: true, name: 'NAME' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<Deleted> {
    requireName('network', this.name, () => 'see which there are: rig list networks');
    await services.output.target(`network ${this.name}`);
    const http = await services.http();
    await requireEmpty(http, this.name);
    if (!this.yes) await services.prompt.confirmByName(`Delete the network ${this.name}?`, this.name);
    return deleteNetwork(http, this.name);
  }
}
