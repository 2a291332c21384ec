import {
  type AppRef,
  type Config,
  ExitCode,
  isRigError,
  Option,
  RigCommand,
  RigError,
  type Services,
} from '@rig/plugin-api';
import { deploy, planDeploy } from '../deploy.ts';
import { fullName } from '../ensure-app.ts';
import type { DeployPlan, DeployResult } from '../result.ts';
import { findRoot } from '../tree/walk.ts';
import { deployView } from '../view.ts';

/** Who deploys for the first time has no app yet: the hint says how to get one. */
function chooseApp(config: Config, options: { app: string | undefined; network: string | undefined }): AppRef {
  try {
    return config.app(options);
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_NO_APP') throw error;
    throw new RigError({
      code: 'RIG_NO_APP',
      message: error.message,
      hint: 'name it: rig deploy --app APP.NETWORK; with --create it is made where it is missing, and remembered in .rigrc',
      exitCode: ExitCode.Usage,
      cause: error,
    });
  }
}

/** `rig deploy [PATH]`. */
export class DeployCommand extends RigCommand<DeployResult | DeployPlan> {
  static override paths = [['deploy']];
  static override usage = RigCommand.Usage({
    category: 'Deploy',
    description: 'Make a folder a running app',
    details:
      'Sends the files of PATH (here unless said) that Max lacks, builds and releases them, and ends with the release and ' +
      'its URL. Files that .rigignore names stay here, or where there is none those of .gitignore; .git, node_modules and ' +
      '.env* never go up. Ctrl-C leaves a deployment that has begun to Max, where it goes on: see rig deploy attach and rig ' +
      'deploy cancel. A folder of such a name is ./attach.',
    examples: [
      ['Deploy this folder to the app api in the network shop', '$0 deploy --app api.shop'],
      ['Make network and app, and remember them in the project file', '$0 deploy --create --app api.shop'],
      ['See what would go up', '$0 deploy --dry-run'],
    ],
  });
  static override result = deployView;

  folder = Option.String({ required: false, name: 'PATH' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  create = Option.Boolean('--create', false, {
    description: 'Make network and app where they are missing, and remember them',
  });
  detach = Option.Boolean('--detach', false, {
    description: 'Leave the deployment to Max once it has begun; see rig deploy attach',
  });
  noCache = Option.Boolean('--no-cache', false, {
    description: 'Build without what earlier builds of the app have left, and make that anew',
  });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Only say what would go up' });

  async run(services: Services): Promise<DeployResult | DeployPlan> {
    const root = findRoot(services.runtime.cwd, this.folder ?? '.');
    // The project file of the deployed folder says which app it is, wherever the command is typed.
    const config = await (await services.config()).at(root);
    const ref = chooseApp(config, { app: this.app, network: this.network });
    const request = { root, ref, create: this.create, detach: this.detach, cache: !this.noCache };
    if (this.dryRun) return planDeploy(services, request);
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return deploy(services, request);
  }
}
