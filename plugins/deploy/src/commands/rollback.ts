import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type DeploymentResult, resultOf } from '../ended.ts';
import { fullName } from '../ensure-app.ts';
import { finishDeployment } from '../finish.ts';
import { parseVersion, planRollback, type RollbackPreview, rollbackView, startRollback } from '../rollback.ts';

/** `rig rollback [--to vN] [--dry-run]`. */
export class RollbackCommand extends RigCommand<DeploymentResult | RollbackPreview> {
  static override paths = [['rollback']];
  static override usage = RigCommand.Usage({
    category: 'Deploy',
    description: 'Go back to an earlier release',
    details:
      'Makes a new release of the code, the vars and the secrets of an earlier one: the one that served before, unless --to ' +
      'names another. It goes through the same switch as a deploy: where it does not get healthy nothing changes. What was ' +
      'staged and changed since then goes. Where the build of that release is no longer kept its source is built again first. ' +
      '--dry-run says that, and which code and which names would change.',
    examples: [
      ['Go back to what served before', '$0 rollback --app api.shop'],
      ['See what v3 would change', '$0 rollback --to v3 --dry-run --app api.shop'],
    ],
  });
  static override result = rollbackView;

  to = Option.String('--to', { description: 'The release to go back to, e.g. v3' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Only say what would change' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<DeploymentResult | RollbackPreview> {
    const to = parseVersion(this.to);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const http = await services.http();
    if (this.dryRun) return planRollback(http, ref, to);
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return resultOf(await finishDeployment(services, await startRollback(http, ref, to)));
  }
}
