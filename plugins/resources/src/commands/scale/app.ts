import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { parseInstances, type Restarted, restart, restartedView } from '../../lifecycle.ts';
import { fullName } from '../../names.ts';

/** `rig scale app NAME --instances N`. */
export class ScaleAppCommand extends RigCommand<Restarted> {
  static override paths = [['scale', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Run an app with another number of instances',
    details:
      'Makes a new release of what serves: that many new instances start, and the old ones serve until all of these answer. ' +
      'Requests are spread over them. The number holds for later releases too.',
    examples: [['Two instances of the app api of the network shop', '$0 scale app api.shop --instances 2']],
  });
  static override result = restartedView;

  name = Option.String({ required: true, name: 'NAME' });
  instances = Option.String('--instances', { required: true, description: 'How many are to run, 1 to 32' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<Restarted> {
    const instances = parseInstances(this.instances);
    const ref = (await services.config()).app({ app: this.name, network: this.network });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return restart(services, ref, { instances });
  }
}
