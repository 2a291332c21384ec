import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { requireName } from '../../names.ts';
import { requireChange, type UpdatedNetwork, updateNetwork } from '../../settings/update.ts';
import { updatedNetwork } from '../../views/update.ts';

/** `rig update network NAME`. */
export class UpdateNetworkCommand extends RigCommand<UpdatedNetwork> {
  static override paths = [['update', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Change the name of a network',
    details:
      'The URLs of its apps change with it, and nothing answers under the old ones: it asks to type the old name; --yes answers ' +
      'in scripts. Its apps go on running, and have the new name in MAX_NETWORK when they start the next time.',
    examples: [['Rename the network shop to store', '$0 update network shop --name store']],
  });
  static override result = updatedNetwork;

  name = Option.String({ required: true, name: 'NAME' });
  rename = Option.String('--name', { description: 'Another name for it' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<UpdatedNetwork> {
    const patch = this.rename === undefined ? {} : { name: this.rename };
    requireChange(patch, 'network', ['--name']);
    requireName('network', this.name, () => 'see which there are: rig list networks');
    requireName('network', this.rename ?? '', (valid) => `rig update network ${this.name} --name ${valid}`);
    await services.output.target(`network ${this.name}`);
    return updateNetwork(services, this.name, patch, this.yes);
  }
}
