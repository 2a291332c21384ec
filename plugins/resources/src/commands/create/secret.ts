import { Option, RigCommand, type Services } from '@rig/plugin-api';
import { type ConfigResult, setConfig } from '../../config/change.ts';
import { checkKeys, checkValues, oneSource } from '../../config/keys.ts';
import { askValues, readEnvFile, readStdinValue } from '../../config/read-values.ts';
import { fullName } from '../../names.ts';
import { configView } from '../../views/config.ts';

/** `rig create secret KEY… [--value-stdin | --from-file .env]`. */
export class CreateSecretCommand extends RigCommand<ConfigResult> {
  static override paths = [['create', 'secret']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'Set secrets of an app, new or not, all in one release',
    details:
      'A secret is a part of the environment of the app, kept sealed, and cannot be read again: rig list secrets shows a ' +
      'keyed digest and a date. Its value is asked for, or comes from standard input (without the newline that ends it) or ' +
      'from a file, and never from the command line, which others can see. The app gets a new release of the same code; ' +
      'before the first deploy, and with --stage, the change waits for the next one. The form of the file is in ' +
      'docs/env-files.md: where a line cannot be read nothing is set.',
    examples: [
      ['Ask for the value', '$0 create secret DATABASE_URL --app api.shop'],
      ['From another program', 'pass show db | $0 create secret DATABASE_URL --value-stdin --app api.shop'],
      ['All of a file', '$0 create secret --from-file .env.secret --app api.shop'],
    ],
  });
  static override result = configView;

  keys = Option.Rest({ name: 'KEY' });
  valueStdin = Option.Boolean('--value-stdin', false, {
    description: 'Read the value of the one KEY from standard input',
  });
  fromFile = Option.String('--from-file', { description: 'Set everything that this file sets' });
  stage = Option.Boolean('--stage', false, { description: 'Let it wait for the next deploy' });
  app = Option.String('--app', { description: 'The app, e.g. api or api.shop' });
  network = Option.String('--network', { description: 'The network that the app lives in' });

  async run(services: Services): Promise<ConfigResult> {
    oneSource(
      [this.keys.length > 0, this.fromFile !== undefined],
      'the secrets',
      'name a secret, or a file: --from-file .env',
    );
    checkKeys(this.keys, 'secret');
    if (this.valueStdin)
      oneSource(
        [this.keys.length === 1],
        'the values of several secrets',
        'with --value-stdin name one secret, and no file',
      );
    const ref = (await services.config()).app({ app: this.app, network: this.network });
    const values = await this.#values(services);
    checkValues(values);
    await services.output.target(`secrets of app ${fullName(ref)}`, ref.origin);
    return setConfig(services, ref, 'secret', values, this.stage);
  }

  async #values(services: Services): Promise<Map<string, string>> {
    if (this.fromFile !== undefined) return readEnvFile(services, this.fromFile);
    const [key = ''] = this.keys;
    return this.valueStdin ? new Map([[key, await readStdinValue(services, key)]]) : askValues(services, this.keys);
  }
}
