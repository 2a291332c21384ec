import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { Var } from '@rig/plugin-api/max';
import { listVars } from '../../config/change.ts';
import { varList } from '../../views/config.ts';

/** `rig list vars`. */
export class ListVarsCommand extends RigCommand<Var[]> {
  static override paths = [['list', 'vars']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List the vars of an app with their values',
    examples: [['The vars of the app api in the network shop', '$0 list vars --app api.shop']],
  });
  static override result = varList;

  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  limit = Option.String('--limit', { description: 'List at most that many; all of them unless said' });

  async run(services: Services): Promise<Var[]> {
    const limit = parseLimit(this.limit, Number.POSITIVE_INFINITY);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    return listVars(await services.http(), ref, limit);
  }
}
