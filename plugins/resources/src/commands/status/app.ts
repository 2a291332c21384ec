import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { AppStatus } from '@rig/plugin-api/max';
import { appStatus, type Ref } from '../../apps.ts';
import { watchApp } from '../../status/watched.ts';
import { appStatusView } from '../../views/app.ts';

/** `rig status app NAME [--network N]`. */
export class StatusAppCommand extends RigCommand<AppStatus> {
  static override paths = [['status', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show how an app fares: state, instances, release, URL, last events',
    details:
      'With --watch it is shown anew at each change, on a terminal in the same place and with -o ndjson a record a line, also ' +
      'while the socket of Max does not deliver: then Max is asked by HTTP.',
    examples: [
      ['The app api of the network shop', '$0 status app api.shop'],
      ['As it changes, for instance during a deploy', '$0 status app api.shop --watch'],
    ],
  });
  static override result = appStatusView;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  watch = Option.Boolean('--watch', false, { description: 'Show it anew at each change, until Ctrl-C' });

  run(services: Services): Promise<AppStatus> | AsyncIterable<AppStatus> {
    return this.watch ? watchApp(services, () => this.#ref(services)) : this.#now(services);
  }

  async #ref(services: Services): Promise<Ref> {
    const { app, network } = (await services.config()).app({
      app: this.name,
      network: this.network,
      argument: 'NAME',
    });
    return { app, network };
  }

  async #now(services: Services): Promise<AppStatus> {
    return appStatus(await services.http(), await this.#ref(services));
  }
}
