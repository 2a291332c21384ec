import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type ConfigResult, deleteConfig } from '../../config/change.ts';
import { checkKeys } from '../../config/keys.ts';
import { fullName } from '../../names.ts';
import { configView } from '../../views/config.ts';

/** `rig delete var KEY…`. */
export class DeleteVarCommand extends RigCommand<ConfigResult> {
  static override paths = [['delete', 'var']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Delete vars of an app, all in one release',
    details:
      'Where one of them is not there none is deleted. The app gets a new release of the same code; with --stage the change ' +
      'waits for the next deploy. Asks to type the name, or for several that of the app; --yes answers in scripts.',
    examples: [['Delete two vars without a question', '$0 delete var ONE TWO --app api.shop --yes']],
  });
  static override result = configView;

  keys = Option.Rest({ name: 'KEY', required: 1 });
  stage = Option.Boolean('--stage', false, { description: 'Let it wait for the next deploy' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<ConfigResult> {
    checkKeys(this.keys, 'var');
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const name = fullName(ref);
    await services.output.target(`vars of app ${name}`, ref.origin);
    const [only = ''] = this.keys;
    if (!this.yes)
      await services.prompt.confirmByName(
        `Delete ${this.keys.join(', ')} of the app ${name}?`,
        this.keys.length === 1 ? only : name,
      );
    return deleteConfig(services, ref, 'var', this.keys, this.stage);
  }
}
