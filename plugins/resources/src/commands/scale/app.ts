import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { parseFormation } from '../../formation.ts';
import { type ScaledApp, scale } from '../../lifecycle.ts';
import { fullName } from '../../names.ts';
import { scaledView } from '../../views/lifecycle.ts';

/** `rig scale app NAME --instances N [--process TYPE]`, `rig scale app NAME TYPE=N…`. */
export class ScaleAppCommand extends RigCommand<ScaledApp> {
  static override paths = [['scale', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Run an app with another number of instances',
    details:
      'Starts the instances that are lacking, or ends those with the highest numbers; the others run on, and no release is made. ' +
      'Requests are spread over the instances of web. The numbers hold for later releases too. Process types are the lines of ' +
      'the Procfile; each has one instance unless it is said. Of web at least one runs: rig stop app ends them all.',
    examples: [
      ['Two instances of the app api of the network shop', '$0 scale app api.shop --instances 2'],
      ['Three of its workers', '$0 scale app api.shop --instances 3 --process worker'],
      ['Several process types at once', '$0 scale app api.shop web=2 worker=0'],
    ],
  });
  static override result = scaledView;

  name = Option.String({ required: true, name: 'NAME' });
  pairs = Option.Rest({ name: 'TYPE=N' });
  instances = Option.String('--instances', { description: 'How many are to run: 1 to 32 of web, 0 to 32 of others' });
  process = Option.String('--process', { description: 'The process type; web unless said' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<ScaledApp> {
    const { pairs, instances, process } = this;
    const formation = parseFormation({ pairs, instances, process });
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return scale(services, ref, formation);
  }
}
