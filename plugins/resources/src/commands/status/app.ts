import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { AppStatus } from '@rig/plugin-api/max';
import { appStatus } from '../../apps.ts';
import { appStatusView } from '../../views/app.ts';

/** `rig status app NAME [--network N]`. */
export class StatusAppCommand extends RigCommand<AppStatus> {
  static override paths = [['status', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show how an app fares: state, instances, release, URL, last events',
    examples: [['The app api of the network shop', '$0 status app api.shop']],
  });
  static override result = appStatusView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<AppStatus> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    return appStatus(await services.http(), ref);
  }
}
