import { Option, RigCommand, type Services } from '@rig/plugin-api';
import type { UpdateApp } from '@rig/plugin-api/max';
import { fullName, requireName } from '../../names.ts';
import { parseSettings } from '../../settings/parse-settings.ts';
import { requireChange, type UpdatedApp, updateApp } from '../../settings/update.ts';
import { updatedApp } from '../../views/update.ts';

const OPTIONS = [
  '--healthcheck',
  '--health-timeout',
  '--drain-timeout',
  '--stop-timeout',
  '--log-size',
  '--log-age',
  '--name',
];

/** `rig update app NAME`. */
export class UpdateAppCommand extends RigCommand<UpdatedApp> {
  static override paths = [['update', 'app']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Change the settings or the name of an app',
    details:
      'Says what changed and when it takes effect; what is not named stays. Durations are such as 90s, 5m or 14d, sizes such as ' +
      '200MB or 64MiB; "default" unsets. The limits of the log hold at once, for the app and as much again for its builds. ' +
      'Another name is another URL, and nothing answers under the old one: it asks to type the old name; --yes answers in scripts.',
    examples: [
      [
        'Wait for a path that answers, for two minutes',
        '$0 update app api.shop --healthcheck /healthz --health-timeout 2m',
      ],
      [
        'Keep 200 MB of its log, and no line for longer than two weeks',
        '$0 update app api.shop --log-size 200MB --log-age 14d',
      ],
      ['Rename the app api to web', '$0 update app api.shop --name web'],
    ],
  });
  static override result = updatedApp;

  name = Option.String({ required: true, name: 'NAME' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  healthcheck = Option.String('--healthcheck', {
    description: 'Path that must answer 200 to 399; none: the port must open',
  });
  healthTimeout = Option.String('--health-timeout', {
    description: 'How long a new instance may take to be healthy; 1m unless said',
  });
  drainTimeout = Option.String('--drain-timeout', {
    description: 'How long requests of an old release may go on; 30s unless said',
  });
  stopTimeout = Option.String('--stop-timeout', {
    description: 'How long an instance may take to end, from SIGTERM to SIGKILL; 10s unless said',
  });
  logSize = Option.String('--log-size', { description: 'Keep at most so much of the log; 64MB unless said' });
  logAge = Option.String('--log-age', {
    description: 'Keep lines for at most so long; 30d unless said, off: whatever their age',
  });
  rename = Option.String('--name', { description: 'Another name for it' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<UpdatedApp> {
    const patch: UpdateApp = parseSettings(this);
    if (this.rename !== undefined) patch.name = this.rename;
    requireChange(patch, 'app', OPTIONS);
    if (this.rename !== undefined)
      requireName('app', this.rename, (valid) => `rig update app ${this.name} --name ${valid}`);
    const ref = (await services.config()).app({ app: this.name, network: this.network, argument: 'NAME' });
    await services.output.target(`app ${fullName(ref)}`, ref.origin);
    return updateApp(services, ref, patch, this.yes);
  }
}
