import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Network } from '@rig/plugin-api/max';
import { listNetworks } from '../../networks.ts';
import { networkList } from '../../views/network.ts';

/** `rig list networks`. */
export class ListNetworksCommand extends RigCommand<Network[]> {
  static override paths = [['list', 'networks']];
  static override usage = RigCommand.Usage({ category: 'Resources', description: 'List the networks' });
  static override result = networkList;

  limit = Option.String('--limit', { description: 'List at most that many; all of them unless said' });

  async run(services: Services): Promise<Network[]> {
    const limit = parseLimit(this.limit, Number.POSITIVE_INFINITY);
    return listNetworks(await services.http(), limit);
  }
}
