import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { App } from '@rig/plugin-api/max';
import { createApp } from '../../apps.ts';
import { fullName } from '../../names.ts';
import { createdApp } from '../../views/app.ts';

/** `rig create app NAME [--network N]`. */
export class CreateAppCommand extends RigCommand<App> {
  static override paths = [['create', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Create an app in a network',
    details: 'The app gets the hostname NAME.NETWORK.DOMAIN. NAME may carry its network: api.shop.',
    examples: [
      ['Create the app api in the network shop', '$0 create app api --network shop'],
      ['The same', '$0 create app api.shop'],
    ],
  });
  static override result = createdApp;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<App> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return createApp(await services.http(), ref);
  }
}
