import { randomUUID } from 'node:crypto';
import { ExitCode, Option, RigCommand, RigError, type Services } from '@rig/plugin-api';
import { appPath, type Deployment } from '@rig/plugin-api/max';
import { type DeploymentResult, deploymentView, resultOf } from '../ended.ts';
import { fullName } from '../ensure-app.ts';
import { findDeployment } from '../find-deployment.ts';

/** `rig deploy cancel [ID]`. */
export class CancelCommand extends RigCommand<DeploymentResult> {
  static override paths = [['deploy', 'cancel']];
  static override usage = RigCommand.Usage({
    category: 'Deploy',
    description: 'End a deployment that is under way',
    details: "Ends the deployment ID, or the app's last one. What serves goes on serving.",
    examples: [['End the deployment of the app that is under way', '$0 deploy cancel --app api.shop']],
  });
  static override result = deploymentView;

  deployment = Option.String({ required: false, name: 'ID' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<DeploymentResult> {
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    await services.output.target(`deployment of app ${fullName(ref)}`, ref.origin);
    const http = await services.http();
    const { id } = await findDeployment(http, ref, this.deployment);
    const path = `${appPath(ref)}/deployments/${id}/cancel`;
    const ended = await http.post<Deployment>(path, { idempotencyKey: randomUUID() });
    if (ended.state === 'cancelled') return resultOf(ended);
    throw new RigError({
      code: 'RIG_DEPLOY_ENDED',
      message: `deployment ${id} of ${fullName(ref)} is not cancelled: it has ended, as ${ended.state}`,
      hint: `what serves now: rig status app ${fullName(ref)}`,
      exitCode: ExitCode.Conflict,
      details: { deployment: ended },
    });
  }
}
