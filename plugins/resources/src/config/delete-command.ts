import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { fullName } from '../names.ts';
import { configView } from '../views/config.ts';
import { type ConfigKind, type ConfigResult, deleteConfig } from './change.ts';
import { checkKeys } from './keys.ts';

/** What the usage of a delete of vars or secrets says. */
export function deleteUsage(kind: ConfigKind): ReturnType<typeof RigCommand.Usage> {
  return RigCommand.Usage({
    category: 'Resources',
    description: `Delete ${kind}s of an app, all in one release`,
    details:
      'Where one of them is not there none is deleted. The app gets a new release of the same code; with --stage the change ' +
      'waits for the next deploy. Asks to type the name, or for several that of the app; --yes answers in scripts.',
    examples: [[`Delete two ${kind}s without a question`, `$0 delete ${kind} ONE TWO --app api.shop --yes`]],
  });
}

/** Deletes vars, or secrets, of an app. */
export abstract class DeleteConfigCommand extends RigCommand<ConfigResult> {
  static override result = configView;

  /** Which of the two; a getter, as every field of a command is one of its options. */
  abstract get kind(): ConfigKind;

  keys = Option.Rest({ name: 'KEY', required: 1 });
  stage = Option.Boolean('--stage', false, { description: 'Let it wait for the next deploy' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });

  async run(services: Services): Promise<ConfigResult> {
    const { kind, keys } = this;
    checkKeys(keys, kind);
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const name = fullName(ref);
    await services.output.target(`${kind}s of app ${name}`, ref.origin);
    const [only = ''] = keys;
    if (!this.yes)
      await services.prompt.confirmByName(
        `Delete ${keys.join(', ')} of the app ${name}?`,
        keys.length === 1 ? only : name,
      );
    return deleteConfig(services, ref, kind, keys, this.stage);
  }
}
