import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type DeploymentResult, deploymentView, resultOf } from '../ended.ts';
import { findDeployment } from '../find-deployment.ts';
import { finishDeployment } from '../finish.ts';
import { deployFailure } from '../follow/outcome.ts';
import { isFinal } from '../follow/watch-deployment.ts';

/** `rig deploy attach [ID]`. */
export class AttachCommand extends RigCommand<DeploymentResult> {
  static override paths = [['deploy', 'attach']];
  static override usage = RigCommand.Usage({
    category: 'Deploy',
    description: 'Follow a deployment to its end',
    details:
      "Follows the deployment ID, or the app's last one, from its first line of the build on. Of one that has ended it shows " +
      'how. Ctrl-C leaves it to Max, where it goes on.',
    examples: [['Follow the last deployment of the app', '$0 deploy attach --app api.shop']],
  });
  static override result = deploymentView;

  deployment = Option.String({ required: false, name: 'ID' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<DeploymentResult> {
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const found = await findDeployment(await services.http(), ref, this.deployment);
    if (!isFinal(found)) return resultOf(await finishDeployment(services, found));
    if (found.state !== 'healthy') throw deployFailure(found);
    return resultOf(found);
  }
}
