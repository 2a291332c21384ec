import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type StartedApp, start } from '../../lifecycle.ts';
import { fullName } from '../../names.ts';
import { startedView } from '../../views/lifecycle.ts';

/** `rig start app NAME`. */
export class StartAppCommand extends RigCommand<StartedApp> {
  static override paths = [['start', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Start an app that was stopped',
    details:
      'Starts the instances of its last release and waits until they answer; where they do not, the app stays stopped. One that ' +
      'is not stopped is left as it is.',
    examples: [['Start the app api of the network shop', '$0 start app api.shop']],
  });
  static override result = startedView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<StartedApp> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return start(services, ref);
  }
}
