import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { NetworkStatus } from '@rig/plugin-api/max';
import { requireName } from '../../names.ts';
import { networkStatus } from '../../networks.ts';
import { watchNetwork } from '../../status/watched.ts';
import { networkStatusView } from '../../views/network.ts';

/** `rig status network NAME`. */
export class StatusNetworkCommand extends RigCommand<NetworkStatus> {
  static override paths = [['status', 'network']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Show how a network and its apps fare',
    details:
      'With --watch it is shown anew at each change, on a terminal in the same place and with -o ndjson a record a line, also ' +
      'while the socket of Max does not deliver: then Max is asked by HTTP.',
    examples: [
      ['The network shop', '$0 status network shop'],
      ['As it changes', '$0 status network shop --watch'],
    ],
  });
  static override result = networkStatusView;

  name = Option.String({ required: true, name: 'NAME' });

  watch = Option.Boolean('--watch', false, { description: 'Show it anew at each change, until Ctrl-C' });

  run(services: Services): Promise<NetworkStatus> | AsyncIterable<NetworkStatus> {
    requireName('network', this.name, () => 'see which there are: rig list networks');
    return this.watch ? watchNetwork(services, this.name) : this.#now(services);
  }

  async #now(services: Services): Promise<NetworkStatus> {
    return networkStatus(await services.http(), this.name);
  }
}
