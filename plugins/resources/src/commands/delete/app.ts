import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { deleteApp, getApp } from '../../apps.ts';
import { fullName } from '../../names.ts';
import type { Deleted } from '../../networks.ts';
import { deletedView } from '../../views/network.ts';

/** `rig delete app NAME [--network N]`. */
export class DeleteAppCommand extends RigCommand<Deleted> {
  static override paths = [['delete', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Stop an app and delete it with its releases and logs',
    details: 'Asks to type the name of the app; --yes answers in scripts.',
    examples: [['Delete the app api of the network shop without a question', '$0 delete app api.shop --yes']],
  });
  static override result = deletedView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<Deleted> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    const name = fullName(ref);
    await services.output.target(`app ${name}`, ref.origin);
    const http = await services.http();
    await getApp(http, ref);
    if (!this.yes) await services.prompt.confirmByName(`Delete the app ${name}, its releases and its logs?`, name);
    return deleteApp(http, ref);
  }
}
