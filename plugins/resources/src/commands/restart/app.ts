import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type RestartedApp, restart } from '../../lifecycle.ts';
import { fullName } from '../../names.ts';
import { restartedView } from '../../views/lifecycle.ts';

/** `rig restart app NAME`. */
export class RestartAppCommand extends RigCommand<RestartedApp> {
  static override paths = [['restart', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Start an app anew, without a request lost',
    details:
      'Makes a new release of what serves: new instances start, and the old ones serve until these answer. Where they do not, ' +
      'the old ones go on. What is staged stays staged. An app that is stopped is started by it.',
    examples: [['Start the app api of the network shop anew', '$0 restart app api.shop']],
  });
  static override result = restartedView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<RestartedApp> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return restart(services, ref);
  }
}
