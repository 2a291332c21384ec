import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type StoppedApp, stop } from '../../lifecycle.ts';
import { fullName } from '../../names.ts';
import { stoppedView } from '../../views/lifecycle.ts';

/** `rig stop app NAME`. */
export class StopAppCommand extends RigCommand<StoppedApp> {
  static override paths = [['stop', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Stop an app until it is started again',
    details:
      'No request reaches it any more; those under way may end, for 30 seconds unless the app has another drain time, and then its instances do. It stays ' +
      'stopped when Max starts anew. Releases, vars, secrets and logs are kept. rig start app, a deploy, a rollback and a ' +
      'restart start it.',
    examples: [['Stop the app api of the network shop', '$0 stop app api.shop']],
  });
  static override result = stoppedView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<StoppedApp> {
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return stop(services, ref);
  }
}
