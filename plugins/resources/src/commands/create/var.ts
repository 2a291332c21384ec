import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type ConfigResult, setConfig } from '../../config/change.ts';
import { checkValues, oneSource, splitPairs } from '../../config/keys.ts';
import { readEnvFile } from '../../config/read-values.ts';
import { fullName } from '../../names.ts';
import { configView } from '../../views/config.ts';

/** `rig create var KEY=VALUE… | --from-file .env`. */
export class CreateVarCommand extends RigCommand<ConfigResult> {
  static override paths = [['create', 'var']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Set vars of an app, new or not, all in one release',
    details:
      'A var is a part of the environment of the app, and can be read again with rig list vars; for what must not be, see ' +
      'rig create secret. The app gets a new release of the same code; before the first deploy, and with --stage, the ' +
      'change waits for the next one. The form of the file is in docs/env-files.md: where a line cannot be read nothing is set.',
    examples: [
      ['Two vars at once', '$0 create var LOG_LEVEL=debug REGION=eu --app api.shop'],
      ['All of a file, for the next deploy', '$0 create var --from-file .env --stage --app api.shop'],
    ],
  });
  static override result = configView;

  pairs = Option.Rest({ name: 'KEY=VALUE' });
  fromFile = Option.String('--from-file', { description: 'Set everything that this file sets' });
  stage = Option.Boolean('--stage', false, { description: 'Let it wait for the next deploy' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<ConfigResult> {
    oneSource(
      [this.pairs.length > 0, this.fromFile !== undefined],
      'the vars',
      'write KEY=VALUE, or name a file: --from-file .env',
    );
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const values = this.fromFile === undefined ? splitPairs(this.pairs) : await readEnvFile(services, this.fromFile);
    checkValues(values);
    await services.output.target(`vars of app ${fullName(ref)}`, ref.origin);
    return setConfig(services, ref, 'var', values, this.stage);
  }
}
