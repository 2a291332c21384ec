import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { AppDetails } from '@rig/plugin-api/max';
import { appDetails } from '../../apps.ts';
import { appDetailsView } from '../../views/app.ts';

/** `rig details app NAME [--network N]`. */
export class DetailsAppCommand extends RigCommand<AppDetails> {
  static override paths = [['details', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show the whole configuration of an app',
    examples: [['The app api of the network shop', '$0 details app api.shop']],
  });
  static override result = appDetailsView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<AppDetails> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    return appDetails(await services.http(), ref);
  }
}
